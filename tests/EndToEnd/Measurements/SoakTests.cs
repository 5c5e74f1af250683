using System.Globalization;
using ActionStream.EndToEnd.Support;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Measurements;

/// <summary>Four cameras at four decisions a second for as long as asked: what a service uses in its first
/// minutes it still uses hours later.</summary>
/// <remarks>`make soak MINUTES=30`. Without SOAK_MINUTES it is skipped.</remarks>
public sealed class SoakTests(ITestOutputHelper output)
{
    // until hot methods are compiled anew and every pool has seen its fullest
    private static readonly TimeSpan WarmUp = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(15); // as Prometheus would ask

    private sealed record Sample(
        double Minutes, double RssMiB, double Handles, double Threads, double Children, double Gen2, double AllocatedMiB, double Decisions);

    [SoakFact]
    public async Task Memory_handles_threads_and_children_stay_flat()
    {
        var minutes = SoakFactAttribute.Minutes;
        await using var broker = await Mosquitto.StartAsync();
        await using var cameras = await RtspCamera.StartAsync(cameras: 4);
        await using var service = await Service.StartAsync(
            $"""
            node: soak
            model: {"{"}path: {TestModel.Folder}, device: cpu{"}"}
            http: {"{"}port: 0{"}"}
            mqtt: {"{"}host: 127.0.0.1, port: {broker.Port}{"}"}
            defaults: {"{"}hop: 2, events: {"{"}scores: every{"}"}{"}"}
            cameras:
              one: {"{"}url: "{cameras.UrlOf(0)}"{"}"}
              two: {"{"}url: "{cameras.UrlOf(1)}"{"}"}
              three: {"{"}url: "{cameras.UrlOf(2)}"{"}"}
              four: {"{"}url: "{cameras.UrlOf(3)}"{"}"}
            """);

        var samples = new List<Sample>();
        var started = TimeProvider.System.GetTimestamp();
        using var tick = new PeriodicTimer(Every);
        while (TimeProvider.System.GetElapsedTime(started).TotalMinutes < minutes && await tick.WaitForNextTickAsync())
        {
            var at = TimeProvider.System.GetElapsedTime(started);
            if (at >= WarmUp || minutes < 8)
            {
                samples.Add(await TakeAsync(service, at.TotalMinutes));
            }
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{samples.Count} samples over {samples[^1].Minutes - samples[0].Minutes:0.0} min after "
            + $"{samples[0].Minutes:0.0} min of warm-up"));
        var rss = Report("RSS", "MiB", samples, sample => sample.RssMiB);
        var handles = Report("handles", "", samples, sample => sample.Handles);
        var threads = Report("threads", "", samples, sample => sample.Threads);
        var children = Report("children", "", samples, sample => sample.Children);
        var span = samples[^1].Minutes - samples[0].Minutes;
        var gen2 = (samples[^1].Gen2 - samples[0].Gen2) / span;
        var rate = (samples[^1].Decisions - samples[0].Decisions) / span / 60;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"generation-2 collections: {gen2:0.000} per minute"));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"managed allocation: {(samples[^1].AllocatedMiB - samples[0].AllocatedMiB) / span:0.00} MiB per minute"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"decisions: {rate:0.000} per second of 16 configured"));

        Assert.InRange(rate, 16 * 0.95, 16 * 1.05);
        Assert.InRange(children, -0.01, 0.01);
        Assert.InRange(threads, -0.1, 0.1);
        Assert.InRange(handles, -0.1, 0.1);
        Assert.True(rss < 0.5, string.Create(CultureInfo.InvariantCulture, $"RSS grows by {rss:0.000} MiB per minute"));
        Assert.Equal(0, await service.StopAsync());
    }

    private static async Task<Sample> TakeAsync(Service service, double minutes)
    {
        var process = $"/proc/{service.Child.Id}";
        var status = await File.ReadAllLinesAsync($"{process}/status");
        double Field(string name) => double.Parse(
            status.First(line => line.StartsWith(name + ":", StringComparison.Ordinal))
                .Split(['\t', ' '], StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture);
        var children = Directory.EnumerateDirectories($"{process}/task")
            .Sum(task => File.ReadAllText($"{task}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Length);
        var page = await service.GetAsync("/metrics");
        return new(
            minutes, Field("VmRSS") / 1024, Directory.EnumerateFileSystemEntries($"{process}/fd").Count(), Field("Threads"), children,
            Service.Metric(page, "actionstream_gc_collections_total", "generation=\"2\""),
            Service.Metric(page, "actionstream_gc_allocated_bytes_total") / (1 << 20),
            Service.Metric(page, "actionstream_decisions_total"));
    }

    /// <summary>Prints first, last, least, most and the slope of the straight line through all samples; returns the
    /// slope per minute over all of them.</summary>
    private double Report(string name, string unit, List<Sample> samples, Func<Sample, double> value)
    {
        var slope = Slope(samples, value);
        var late = Slope(samples[(samples.Count / 2)..], value);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-9} first {value(samples[0]):0.0}, last {value(samples[^1]):0.0}, min {samples.Min(value):0.0}, "
            + $"max {samples.Max(value):0.0} {unit}; slope {slope:+0.0000;-0.0000} {unit} per minute, "
            + $"in the second half {late:+0.0000;-0.0000}"));
        output.WriteLine("          " + string.Join(
            ' ', samples.Where((_, i) => i % 8 == 0).Select(sample => value(sample).ToString("0", CultureInfo.InvariantCulture))));
        return slope;
    }

    private static double Slope(List<Sample> samples, Func<Sample, double> value)
    {
        var meanX = samples.Average(sample => sample.Minutes);
        var meanY = samples.Average(value);
        return samples.Sum(sample => (sample.Minutes - meanX) * (value(sample) - meanY))
            / samples.Sum(sample => (sample.Minutes - meanX) * (sample.Minutes - meanX));
    }

    private sealed class SoakFactAttribute : FactAttribute
    {
        public SoakFactAttribute()
        {
            if (Minutes <= 0)
            {
                Skip = "a soak takes its time: make soak MINUTES=30";
            }
        }

        public static double Minutes { get; } =
            double.TryParse(Environment.GetEnvironmentVariable("SOAK_MINUTES"), CultureInfo.InvariantCulture, out var minutes)
                ? minutes
                : 0;
    }
}
