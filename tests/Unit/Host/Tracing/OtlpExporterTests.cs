using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json;
using ActionStream.Core.Configuration;
using ActionStream.Core.Media;
using ActionStream.Host.Tracing;
using ActionStream.Publish.Events;
using ActionStream.Unit.Host.Configuration;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Host.Tracing;

/// <summary>Traces, as a collector receives them over HTTP.</summary>
public sealed class OtlpExporterTests : IDisposable
{
    private static readonly DateTimeOffset End = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeClock _clock = new();
    private readonly Meter _meter = new("test");
    private readonly HttpListener _collector = new();
    private readonly LogLines<OtlpExporter> _log = new();
    private readonly string _address;

    public OtlpExporterTests()
    {
        using (var free = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            _address = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}";
        }

        _collector.Prefixes.Add(_address + "/");
        _collector.Start();
    }

    [Fact]
    public async Task A_decision_is_one_trace_with_a_span_for_each_part_of_its_way()
    {
        await using var exporter = Exporter();
        new DecisionTracer(1, new Random(1)).OnDecision(Decision("front"));
        var (path, body) = await ReceiveAsync(200);

        Assert.Equal("/v1/traces", path);
        var resource = body.GetProperty("resourceSpans")[0];
        Assert.Contains(resource.GetProperty("resource").GetProperty("attributes").EnumerateArray(), tag =>
            tag.GetProperty("key").GetString() == "service.name" && tag.GetProperty("value").GetProperty("stringValue").GetString() == "actionstream");
        var spans = resource.GetProperty("scopeSpans")[0].GetProperty("spans").EnumerateArray().ToArray();
        Assert.Equal(["capture", "window", "queue", "infer", "post", "decision"], spans.Select(span => span.GetProperty("name").GetString()));
        var root = spans[^1];
        Assert.All(spans[..^1], span =>
        {
            Assert.Equal(root.GetProperty("traceId").GetString(), span.GetProperty("traceId").GetString());
            Assert.Equal(root.GetProperty("spanId").GetString(), span.GetProperty("parentSpanId").GetString());
        });
        Assert.False(root.TryGetProperty("parentSpanId", out _));
        Assert.Equal(32, root.GetProperty("traceId").GetString()!.Length);

        // One part begins where the one before ends, and together they are the whole.
        Assert.Equal([20.0, 1, 5, 12, 2, 40], spans.Select(Milliseconds));
        Assert.Equal(End.ToUnixTimeMilliseconds() * 1_000_000m, Time(root, "startTimeUnixNano"));
        Assert.Equal(Time(spans[0], "endTimeUnixNano"), Time(spans[1], "startTimeUnixNano"));
        Assert.Equal("front", Attribute(root, "camera").GetProperty("stringValue").GetString());
        Assert.Equal("7", Attribute(root, "window.id").GetProperty("intValue").GetString());
        Assert.Equal(0.9, Attribute(root, "score").GetProperty("doubleValue").GetDouble());
    }

    [Fact]
    public async Task Every_decision_begins_a_trace_of_its_own_and_only_the_chosen_share_does()
    {
        await using var exporter = Exporter();
        var tracer = new DecisionTracer(0.25, new Random(1));
        for (var i = 0; i < 200; i++)
        {
            tracer.OnDecision(Decision("front"));
        }

        var (_, body) = await ReceiveAsync(200);
        var traces = body.GetProperty("resourceSpans")[0].GetProperty("scopeSpans")[0].GetProperty("spans").EnumerateArray()
            .Where(span => span.GetProperty("name").GetString() == "decision").Select(span => span.GetProperty("traceId").GetString()).ToArray();
        Assert.InRange(traces.Length, 30, 70);
        Assert.Equal(traces.Length, traces.Distinct().Count());
    }

    [Fact]
    public async Task A_collector_that_refuses_is_told_of_once_and_its_spans_are_counted()
    {
        var failed = 0L;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, on) =>
            {
                if (instrument.Meter == _meter)
                {
                    on.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            if (tags.Length > 0 && tags[0].Value is "failed")
            {
                Interlocked.Add(ref failed, value);
            }
        });
        listener.Start();
        await using (var exporter = Exporter())
        {
            var tracer = new DecisionTracer(1, new Random(1));
            tracer.OnDecision(Decision("front"));
            await ReceiveAsync(503);
            tracer.OnDecision(Decision("front"));
            await ReceiveAsync(503);
        }

        Assert.Equal(12, failed);
        Assert.Single(_log.Lines);
    }

    [Fact]
    public void Without_a_listener_nothing_is_made() => new DecisionTracer(1, new Random(1)).OnDecision(Decision("front"));

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
        _collector.Close();
        _meter.Dispose();
    }

    private OtlpExporter Exporter() => new(new() { Endpoint = _address + "/", Sample = 1 }, "edge", _meter, _clock, _log);

    private static Decision Decision(string stream) => new(
        stream, 7, End - TimeSpan.FromSeconds(2), End, new ClipQuality(16, 0, default), "cpu", [new("fall", 0.9)], ["fall"],
        new(Ms(20), Ms(1), Ms(5), Ms(12), Ms(2), Ms(3)), TimeSpan.Zero);

    // Time stands still until the exporter waits for company.
    private async Task<(string Path, JsonElement Body)> ReceiveAsync(int answer)
    {
        var receiving = _collector.GetContextAsync();
        for (var i = 0; i < 200 && !receiving.IsCompleted; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(2));
            await Task.WhenAny(receiving, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System));
        }

        var context = await receiving.WaitAsync(TimeSpan.FromSeconds(10));
        using var document = await JsonDocument.ParseAsync(context.Request.InputStream);
        context.Response.StatusCode = answer;
        context.Response.Close();
        return (context.Request.Url!.AbsolutePath, document.RootElement.Clone());
    }

    private static double Milliseconds(JsonElement span) => (double)((Time(span, "endTimeUnixNano") - Time(span, "startTimeUnixNano")) / 1_000_000m);

    private static decimal Time(JsonElement span, string name) => decimal.Parse(span.GetProperty(name).GetString()!, System.Globalization.CultureInfo.InvariantCulture);

    private static JsonElement Attribute(JsonElement span, string name) =>
        span.GetProperty("attributes").EnumerateArray().Single(tag => tag.GetProperty("key").GetString() == name).GetProperty("value");

    private static TimeSpan Ms(double ms) => TimeSpan.FromMilliseconds(ms);
}
