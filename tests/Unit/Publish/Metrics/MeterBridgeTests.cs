using System.Diagnostics.Metrics;
using System.Text;
using ActionStream.Publish.Metrics;

namespace ActionStream.Unit.Publish.Metrics;

/// <summary>What the exposition must be, whichever writer stands behind it.</summary>
public sealed class MeterBridgeTests : IDisposable
{
    private readonly Meter _meter = new("ours");
    private readonly MeterBridge _bridge;

    public MeterBridgeTests() => _bridge = new(_meter);

    public void Dispose()
    {
        _bridge.Dispose();
        _meter.Dispose();
    }

    private async Task<string[]> Lines(string? startingWith = null)
    {
        using var page = new MemoryStream();
        await _bridge.WriteAsync(page, default);
        var text = Encoding.UTF8.GetString(page.ToArray());
        Assert.True(text.Length == 0 || text.EndsWith('\n'));
        Assert.DoesNotContain("\r", text, StringComparison.Ordinal);
        return [.. text.Split('\n').Where(line =>
            line.Length > 0 && (startingWith is null || line.StartsWith(startingWith, StringComparison.Ordinal)))];
    }

    [Fact]
    public async Task A_counter_is_a_counter_from_the_start_with_help_type_and_labels()
    {
        var frames = _meter.CreateCounter<long>("actionstream.frames", "{frame}", "Frames \\ seen.\nReally.");
        frames.Add(0, new KeyValuePair<string, object?>("camera", "front"));
        Assert.Equal(
            [
                "# HELP actionstream_frames_total Frames \\\\ seen.\\nReally.", "# TYPE actionstream_frames_total counter",
                "actionstream_frames_total{camera=\"front\"} 0",
            ],
            await Lines());
        frames.Add(3, new KeyValuePair<string, object?>("camera", "front"));
        frames.Add(-5, new KeyValuePair<string, object?>("camera", "front"));
        Assert.Equal(["actionstream_frames_total{camera=\"front\"} 3"], await Lines("actionstream"));
    }

    [Fact]
    public async Task Label_values_are_escaped()
    {
        _meter.CreateCounter<long>("a.b").Add(1, new KeyValuePair<string, object?>("reason", "a \"quoted\" \\ and a\nnew line, ü"));
        Assert.Equal(["a_b_total{reason=\"a \\\"quoted\\\" \\\\ and a\\nnew line, ü\"} 1"], await Lines("a_b"));
    }

    [Fact]
    public async Task A_histogram_has_its_own_buckets_each_holding_what_is_not_above_its_bound()
    {
        var latency = _meter.CreateHistogram(
            "a.latency", "s", "Latency.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (var seconds in (double[])[0.05, 0.1, 0.5, 1, 7])
        {
            latency.Record(seconds, new KeyValuePair<string, object?>("stage", "x"));
        }

        Assert.Equal(
            [
                "a_latency_seconds_bucket{stage=\"x\",le=\"+Inf\"} 5", "a_latency_seconds_bucket{stage=\"x\",le=\"0.1\"} 2",
                "a_latency_seconds_bucket{stage=\"x\",le=\"1\"} 4", "a_latency_seconds_count{stage=\"x\"} 5",
                "a_latency_seconds_sum{stage=\"x\"} 8.65",
            ],
            (await Lines("a_latency_seconds")).Order(StringComparer.Ordinal));
        Assert.Contains("# TYPE a_latency_seconds histogram", await Lines("# TYPE"));
    }

    [Fact]
    public async Task Up_and_down_counters_and_gauges_are_gauges()
    {
        var open = _meter.CreateUpDownCounter<int>("a.open");
        open.Add(5);
        open.Add(-2);
        var level = _meter.CreateGauge<double>("a.level", "1");
        level.Record(0.75);
        level.Record(0.25);
        Assert.Equal(["a_level_ratio 0.25", "a_open 3"], (await Lines("a_")).Order(StringComparer.Ordinal));
        Assert.Equal(["# TYPE a_level_ratio gauge", "# TYPE a_open gauge"], (await Lines("# TYPE")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Several_observed_instruments_of_one_name_make_one_metric()
    {
        foreach (var stage in (string[])["window", "publish"])
        {
            _meter.CreateObservableGauge(
                "a.queue.length", () => new Measurement<int>(stage.Length, new KeyValuePair<string, object?>("stage", stage)));
        }

        Assert.Equal(
            ["a_queue_length{stage=\"publish\"} 7", "a_queue_length{stage=\"window\"} 6"],
            (await Lines("a_queue")).Order(StringComparer.Ordinal));
        Assert.Single(await Lines("# TYPE"));
    }

    [Fact]
    public async Task A_gauge_that_is_no_longer_observed_goes_and_a_counter_stays()
    {
        Measurement<int>[] now = [new(1, new KeyValuePair<string, object?>("camera", "front"))];
        _meter.CreateObservableGauge("a.up", () => now);
        _meter.CreateObservableCounter("a.seen", () => now);
        Assert.Equal(2, (await Lines("a_")).Length);
        now = [];
        Assert.Equal(["a_seen_total{camera=\"front\"} 1"], await Lines("a_"));
        now = [new(2, new KeyValuePair<string, object?>("camera", "front"))];
        Assert.Equal(2, (await Lines("a_")).Length);
    }

    [Fact]
    public async Task An_observed_counter_never_falls()
    {
        var value = 5.0;
        _meter.CreateObservableCounter("a.cpu", () => value, "s");
        Assert.Equal(["a_cpu_seconds_total 5"], await Lines("a_"));
        value = 3;
        Assert.Equal(["a_cpu_seconds_total 5"], await Lines("a_"));
        value = 6.5;
        Assert.Equal(["a_cpu_seconds_total 6.5"], await Lines("a_"));
    }

    [Fact]
    public async Task Only_the_meters_it_was_given_are_exported()
    {
        using var other = new Meter("ours");
        other.CreateCounter<long>("stranger").Add(1);
        Assert.Empty(await Lines());
    }

    [Fact]
    public async Task Measuring_from_many_threads_loses_nothing()
    {
        var counter = _meter.CreateCounter<long>("a.count");
        var histogram = _meter.CreateHistogram<double>("a.time", "s");
        Parallel.For(0, 8, _ =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                counter.Add(1, new KeyValuePair<string, object?>("n", i % 7));
                histogram.Record(0.25);
            }
        });
        Assert.Equal(80_000, (await Lines("a_count_total")).Sum(line =>
            int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(["a_time_seconds_count 80000"], await Lines("a_time_seconds_count"));
        Assert.Equal(["a_time_seconds_sum 20000"], await Lines("a_time_seconds_sum"));
    }

    [Fact]
    public void Measuring_allocates_nothing_once_a_series_is_known()
    {
        var counter = _meter.CreateCounter<long>("a.count");
        var histogram = _meter.CreateHistogram<double>("a.time", "s");
        KeyValuePair<string, object?> camera = new("camera", "front");
        KeyValuePair<string, object?> reason = new("reason", "gap");
        Measure(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Measure(10_000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);

        void Measure(int times)
        {
            for (var i = 0; i < times; i++)
            {
                counter.Add(1, camera, reason);
                histogram.Record(0.1, camera);
            }
        }
    }

    [Fact]
    public async Task The_process_tells_what_it_uses()
    {
        _ = new ProcessMeter(_meter, "0.1.0", TimeProvider.System);
        var lines = (string[])[.. await Lines("actionstream"), .. await Lines("process")];
        Assert.Contains("actionstream_build_info{version=\"0.1.0\"} 1", lines);
        foreach (var name in (string[])[
            "process_resident_memory_bytes", "process_virtual_memory_bytes", "process_num_threads", "process_open_fds", "process_max_fds",
            "process_start_time_seconds", "process_cpu_seconds_total", "actionstream_gc_collections_total{generation=\"2\"}",
            "actionstream_gc_allocated_bytes_total"])
        {
            Assert.Contains(lines, line => line.StartsWith(name + " ", StringComparison.Ordinal));
        }
    }
}
