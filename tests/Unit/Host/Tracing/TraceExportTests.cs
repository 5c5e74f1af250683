using System.Diagnostics;
using System.Diagnostics.Metrics;
using ActionStream.Core.Configuration;
using ActionStream.Core.Media;
using ActionStream.Host.Tracing;
using ActionStream.Publish.Events;
using ActionStream.Support;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Host.Tracing;

/// <summary>Traces, as a collector receives them over HTTP.</summary>
public sealed class TraceExportTests : IDisposable
{
    private static readonly DateTimeOffset End = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Meter _meter = new("test");
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, long> _spans = [];
    private readonly LogLines<TraceExport> _log = new();

    public TraceExportTests()
    {
        _listener.InstrumentPublished = (instrument, on) =>
        {
            if (instrument.Meter == _meter)
            {
                on.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            lock (_spans)
            {
                _spans[$"{tags[0].Value}"] = _spans.GetValueOrDefault($"{tags[0].Value}") + value;
            }
        });
        _listener.Start();
    }

    [Fact]
    public void A_decision_is_one_trace_with_a_span_for_each_part_of_its_way()
    {
        using var collector = new OtlpCollector();
        Trace(collector.Address + "/", 1, 1);
        var request = collector.Next(Patience);

        Assert.Equal("/v1/traces", request.Path);
        Assert.Equal("application/x-protobuf", request.Type);
        Assert.Equal(("actionstream", "edge"), (request.Resource["service.name"], request.Resource["service.instance.id"]));
        var spans = request.Spans;
        Assert.Equal(["capture", "window", "queue", "infer", "post", "decision"], spans.Select(span => span.Name));
        var root = spans[^1];
        Assert.All(spans.SkipLast(1), span => Assert.Equal((root.Trace, root.Id), (span.Trace, span.Parent)));
        Assert.Equal(("", 32), (root.Parent, root.Trace.Length));

        // One part begins where the one before ends, and together they are the whole.
        Assert.Equal([20.0, 1, 5, 12, 2, 40], spans.Select(span => (span.End - span.Start) / 1e6));
        Assert.Equal((ulong)End.ToUnixTimeMilliseconds() * 1_000_000, root.Start);
        Assert.Equal(spans[0].End, spans[1].Start);
        Assert.Equal(("front", 7L, 0.9), (root.Attributes["camera"], root.Attributes["window.id"], root.Attributes["score"]));
        Assert.Equal((6, 0, 0), (_spans["sent"], _spans["failed"], _spans["dropped"]));
    }

    [Fact]
    public void Every_decision_begins_a_trace_of_its_own_and_only_about_the_chosen_share_does()
    {
        using var collector = new OtlpCollector();
        Trace(collector.Address, 0.25, 200);
        var traces = collector.Next(Patience).Spans.Where(span => span.Name == "decision").Select(span => span.Trace).ToArray();
        Assert.InRange(traces.Length, 20, 80); // 50, give or take five standard deviations
        Assert.Equal(traces.Length, traces.Distinct().Count());
    }

    [Fact]
    public void What_a_collector_refuses_is_counted_and_the_log_says_so_once_with_the_reason()
    {
        using var collector = new OtlpCollector(403);
        Trace(collector.Address.Replace("://", "://user:hush@", StringComparison.Ordinal), 1, 200); // in more than one batch
        Assert.Equal((0, 1200), (_spans["sent"], _spans["failed"]));
        var line = Assert.Single(_log.Lines).Text;
        Assert.Contains("403", line, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_collector_that_is_away_or_silent_holds_nobody_up_and_costs_spans_only(bool isSilent)
    {
        var collector = new OtlpCollector(answer: 0);
        if (!isSilent)
        {
            collector.Dispose();
        }

        using var traces = Start(collector.Address, 1);
        Trace(1);
        var began = Stopwatch.GetTimestamp();
        Trace(1000);
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(1));
        traces!.Dispose();
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(4));
        Assert.Equal(0, _spans["sent"]);
        Assert.True(_spans["dropped"] > 0, "6006 spans do not fit a queue of 2048");
        collector.Dispose();
    }

    [Fact]
    public void Without_a_collector_there_is_a_count_of_none_and_nothing_else()
    {
        Assert.Null(Start("", 1));
        Trace(1);
        Assert.Equal([0, 0, 0L], _spans.Values);
    }

    [Theory]
    [InlineData("collector:4318", "tracing.endpoint")]
    [InlineData("ftp://collector", "tracing.endpoint")]
    [InlineData("http://collector:4318", null)]
    [InlineData("", null)]
    public void An_endpoint_is_an_address(string endpoint, string? problem)
    {
        var check = new ConfigCheck("test");
        new TracingOptions { Endpoint = endpoint }.Check(check.At("tracing"));
        Assert.Equal(problem, check.Problems.Select(one => one.Path).SingleOrDefault());
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meter.Dispose();
    }

    private TraceExport? Start(string endpoint, double sample) =>
        TraceExport.Start(new() { Endpoint = endpoint, Sample = sample }, "edge", _meter, _log);

    // What is left is sent at the end.
    private void Trace(string endpoint, double sample, int decisions)
    {
        using var traces = Start(endpoint, sample);
        Trace(decisions);
    }

    private static void Trace(int decisions)
    {
        for (var i = 0; i < decisions; i++)
        {
            new DecisionTracer().OnDecision(new(
                "front", 7, End - TimeSpan.FromSeconds(2), End, new ClipQuality(16, 0, default), "cpu", [new("fall", 0.9)], ["fall"],
                new(Ms(20), Ms(1), Ms(5), Ms(12), Ms(2), Ms(3)), TimeSpan.Zero));
        }
    }

    private static TimeSpan Ms(double ms) => TimeSpan.FromMilliseconds(ms);
}
