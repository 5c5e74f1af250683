using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>A folder for snapshots that is read-only or full costs snapshots, and nothing else.</summary>
public sealed class MediaFolderTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub", "root", "namespaces")]
    public Task Read_only_with_what_a_former_run_left_half_written_detection_goes_on() =>
        GoesOnAsync("mount --bind {0} {0} && mount -o remount,ro,bind {0}");

    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub", "root", "namespaces")]
    public Task Full_detection_goes_on() => GoesOnAsync("mount -t tmpfs -o size=4k tmpfs {0} && head -c 4096 /dev/zero > {0}/full");

    // Root may write everywhere, unless it has lost the right to.
    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub", "root", "namespaces", "setpriv")]
    public Task A_camera_s_folder_that_belongs_to_somebody_else_detection_goes_on() => GoesOnAsync(
        "chmod 555 {0}/front", "setpriv --bounding-set=-dac_override --inh-caps=-dac_override ");

    private static async Task GoesOnAsync(string mount, string starter = "")
    {
        var folder = Directory.CreateTempSubdirectory("media-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "front"));
            await File.WriteAllTextAsync(Path.Combine(folder, "front", "front-20260101T101502.001Z-7f3a.jpg.part"), "half");
            await using var broker = await Mosquitto.StartAsync();
            await using var listener = await Listener.StartAsync(broker.Port, "actionstream/front/events");
            await using var service = await Service.StartAsync(
                $$"""
                node: edge
                model: {path: {{TestModel.Folder}}, device: cpu}
                http: {port: 0}
                mqtt: {host: 127.0.0.1, port: {{broker.Port}} }
                media: {path: {{folder}} }
                cameras:
                  front: {url: "lavfi:testsrc2=size=160x120:rate=25", hop: 1, events: {enter: 0.001, leave: 0.0001, min_duration: 0ms} }
                """,
                ["unshare", "--mount", "sh", "-c", string.Format(null, mount, folder) + $" && exec {starter}\"$@\"", "sh"]);
            await listener.NextAsync(message => message.Json.GetProperty("type").GetString() == "start", Limit);
            using var limit = new CancellationTokenSource(Limit);
            while (await service.MetricAsync("actionstream_snapshots_total", "result=\"failed\"") < 2)
            {
                await Task.Delay(100, limit.Token);
            }

            var ready = await service.GetAsync("/health/ready");
            Assert.Contains("ready", ready, StringComparison.Ordinal);
            Assert.Contains("media: ", ready, StringComparison.Ordinal);
            Assert.Equal(0, await service.StopAsync());
            Assert.Single(service.Child.All.Split('\n'), line => line.Contains("cannot be kept", StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
