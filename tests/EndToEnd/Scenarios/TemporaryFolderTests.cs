using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>The temporary folder belongs to others too: cleaners empty it, and hardened machines let nothing in it be started.</summary>
public sealed class TemporaryFolderTests
{
    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub", "rtsp", "setpriv")]
    public Task Emptied_while_three_cameras_run_it_is_missed_by_nobody() => ReconnectAsync(isNoexec: false);

    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub", "rtsp", "setpriv", "root", "namespaces")]
    public Task Mounted_noexec_it_is_missed_by_nobody() => ReconnectAsync(isNoexec: true);

    private static async Task ReconnectAsync(bool isNoexec)
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port);
        var cameras = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => RtspCamera.StartAsync()));
        var temporary = Directory.CreateTempSubdirectory("emptied-").FullName;
        try
        {
            await using var service = await Service.StartAsync(
                $$"""
                node: edge
                model: {path: {{TestModel.Folder}}, device: cpu}
                http: {port: 0}
                mqtt: {host: 127.0.0.1, port: {{broker.Port}} }
                defaults: {hop: 4, events: {scores: every} }
                cameras:
                  cam0: {url: "{{cameras[0].Url}}"}
                  cam1: {url: "{{cameras[1].Url}}"}
                  cam2: {url: "{{cameras[2].Url}}"}
                """,
                isNoexec
                    ? ["unshare", "--mount", "sh", "-c", $"mount -t tmpfs -o noexec,nosuid tmpfs {temporary} && exec \"$@\"", "sh"]
                    : [],
                ("TMPDIR", temporary));
            for (var i = 0; i < cameras.Length; i++)
            {
                await ScoresAsync(listener, i, since: 0);
            }

            // As a cleaner does it: all that is in there, and the folder with it.
            if (isNoexec)
            {
                Assert.Contains(File.ReadLines($"/proc/{service.Child.Id}/mounts"), mount =>
                    mount.Contains(temporary, StringComparison.Ordinal) && mount.Contains("noexec", StringComparison.Ordinal));
            }
            else
            {
                Directory.Delete(temporary, recursive: true);
            }

            for (var i = 0; i < cameras.Length; i++)
            {
                await cameras[i].KillAsync();
                await cameras[i].StartAgainAsync();
                await ScoresAsync(listener, i, Now());
            }

            Assert.False(service.Child.HasExited);
            Assert.Equal(0, await service.StopAsync());
        }
        finally
        {
            foreach (var camera in cameras)
            {
                await camera.DisposeAsync();
            }

            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    // Of the connection after the cut: its window begins after it.
    private static Task<Listener.Message> ScoresAsync(Listener listener, int camera, double since) => listener.NextAsync(
        message => message.Topic == $"actionstream/cam{camera}/scores"
            && message.Json.GetProperty("window").GetProperty("start").GetDouble() > since,
        TimeSpan.FromSeconds(40));

    private static double Now() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
}
