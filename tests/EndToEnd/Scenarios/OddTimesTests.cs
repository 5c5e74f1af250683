using System.Globalization;
using ActionStream.EndToEnd.Support;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>Cameras whose times are not what RTSP's are, beside one whose are: each decides at its rate, and none costs the others
/// anything.</summary>
public sealed class OddTimesTests(ITestOutputHelper output)
{
    private const double ConfiguredRate = 4; // the model samples every 125 ms, hop 2
    private static readonly string[] TooMuchWork = ["deadline", "queue_full", "load_shed", "burst"];

    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub", "rtsp", "setpriv")]
    public async Task A_camera_without_times_and_one_in_segments_decide_at_their_rate_and_a_good_one_loses_nothing()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port);
        await using var good = await RtspCamera.StartAsync();
        using var jpegs = await MjpegCamera.StartAsync(fps: 12);
        await using var segments = await HlsCamera.StartAsync(seconds: 4);
        await using var service = await Service.StartAsync(
            $$$"""
            node: edge
            model: {path: {{{TestModel.Folder}}}, device: cpu}
            http: {port: 0}
            mqtt: {host: 127.0.0.1, port: {{{broker.Port}}}}
            defaults: {hop: 2, events: {scores: every}}
            cameras:
              good: {url: "{{{good.Url}}}"}
              jpegs: {url: "{{{jpegs.Url}}}", max_gap: 1s} # arrival trembles on a busy machine
              segments: {url: "{{{segments.Url}}}", stall_timeout: 3s}
            """);

        string[] cameras = ["good", "jpegs", "segments"];
        foreach (var camera in cameras)
        {
            await Nth(listener, camera, 20);
        }

        var from = Now();
        await Task.WhenAll(cameras.Select(camera => Nth(listener, camera, 20 + (int)(22 * ConfiguredRate))));
        var page = await service.GetAsync("/metrics");
        foreach (var camera in cameras)
        {
            var times = listener.Messages.Where(message => message.Topic == $"actionstream/{camera}/scores" && message.ReceivedAt >= from)
                .Select(message => message.ReceivedAt).ToArray();
            var rate = (times.Length - 1) / (times[^1] - times[0]);
            var longest = times.Zip(times.Skip(1), (a, b) => b - a).Max();
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{camera}: {rate:0.00} decisions/s of {ConfiguredRate}, longest distance {longest:0.00} s"));
            output.WriteLine(string.Join('\n', page.Split('\n').Where(line =>
                line.Contains($"camera=\"{camera}\"", StringComparison.Ordinal) && line.Contains("reason=", StringComparison.Ordinal)
                && !line.EndsWith(" 0", StringComparison.Ordinal))));
            Assert.InRange(rate, ConfiguredRate * 0.93, ConfiguredRate * 1.07);
            Assert.InRange(longest, 0, 2);
            Assert.All(TooMuchWork, reason => Assert.Equal(
                0, Service.Metric(page, "actionstream_windows_skipped_total", $"camera=\"{camera}\",reason=\"{reason}\"")));
            Assert.Equal(0, Service.Metric(page, "actionstream_camera_reconnects_total", $"camera=\"{camera}\""));
        }

        Assert.Equal(0, Service.Metric(page, "actionstream_load_degradation_level"));
    }

    private static Task<Listener.Message> Nth(Listener listener, string camera, int count) => listener.NextAsync(
        message => message.Topic == $"actionstream/{camera}/scores" && message.Json.GetProperty("seq").GetInt64() >= count - 1,
        TimeSpan.FromSeconds(40));

    private static double Now() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
}
