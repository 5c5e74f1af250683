using System.Globalization;
using ActionStream.Bench.Reporting;
using ActionStream.EndToEnd.Scenarios;
using ActionStream.EndToEnd.Support;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Measurements;

/// <summary>What the stream that `discover` chooses saves: a service on the camera's main stream and one on its sub-stream, side by
/// side, so that a busy minute of the machine meets both alike.</summary>
public sealed class SubStreamCostTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(30);

    [MeasureFact("ffmpeg", "rtsp", "setpriv")]
    public async Task The_sub_stream_costs_much_less_to_decode_than_the_main_stream()
    {
        await using var rtsp = await DiscoverTests.RtspAsync();
        await using var main = await StartAsync(rtsp.UrlOf(0));
        await using var sub = await StartAsync(rtsp.UrlOf(1));
        var (mainChildren, subChildren) = (Children(main), Children(sub));
        var (mainBefore, subBefore) = (Cpu(mainChildren), Cpu(subChildren));
        await Task.Delay(Measured, TimeProvider.System);
        var before = (Cpu(mainChildren) - mainBefore).TotalSeconds / Measured.TotalSeconds;
        var after = (Cpu(subChildren) - subBefore).TotalSeconds / Measured.TotalSeconds;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"ffmpeg's CPU, {Measured.TotalSeconds:0} s side by side: 1280x720 {100 * before:0.0} % of a core, "
            + $"640x360 {100 * after:0.0} %: {before / after:0.0} times less"));
        Assert.True(before > 1.5 * after, $"{before} against {after} of a core");
    }

    // Always awake: what decoding costs is the question here, not when it is worth it.
    private static async Task<Service> StartAsync(string url)
    {
        var service = await Service.StartAsync($"""
            model:
              path: {TestModel.Folder}
              device: cpu
            mqtt:
              port: {Ports.Free().ToString(CultureInfo.InvariantCulture)}
            http:
              port: 0
            cameras:
              camera:
                url: {DiscoverTests.Login(url)}
                sleep: never
            """);
        await service.UntilAsync("/metrics", (_, page) => Service.Metric(page, "actionstream_pipeline_latency_seconds_count") > 2);
        return service;
    }

    private static int[] Children(Service service)
    {
        int[] children = [.. ProcessTree.Descendants(service.Child.Id).Where(child =>
            ProcessTree.CommandLine(child).Contains("ffmpeg", StringComparison.Ordinal))];
        Assert.NotEmpty(children);
        return children;
    }

    private static TimeSpan Cpu(int[] children) => TimeSpan.FromTicks(children.Sum(child => ChildUse.Cpu(child).Ticks));
}
