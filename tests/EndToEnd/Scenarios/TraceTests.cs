using System.Diagnostics;
using ActionStream.EndToEnd.Support;
using ActionStream.Support;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>The service and an OpenTelemetry collector, told of each other by the standard variables alone.</summary>
public sealed class TraceTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static string Yaml(string tracing = "") =>
        $$"""
        node: edge
        model: {path: {{TestModel.Folder}}, device: cpu}
        http: {port: 0}
        mqtt: {host: 127.0.0.1, port: 1}
        {{tracing}}
        cameras:
          camera: {url: "lavfi:testsrc2=size=160x120:rate=25", hop: 1}
        """;

    [NeedsFact("ffmpeg")]
    public async Task The_standard_variables_name_collector_header_service_and_sampler()
    {
        using var collector = new OtlpCollector();
        await using var service = await Service.StartAsync(
            Yaml(), ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address), ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20hush"),
            ("OTEL_SERVICE_NAME", "doorstep"), ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=test"),
            ("OTEL_TRACES_SAMPLER", "always_on"), ("OTEL_BSP_SCHEDULE_DELAY", "500"));
        var request = collector.Next(Limit);
        Assert.Equal("/v1/traces", request.Path);
        Assert.Equal("Bearer hush", request.Headers["authorization"]);
        Assert.Equal(("doorstep", "test"), (request.Resource["service.name"], request.Resource["deployment.environment"]));
        var root = request.Spans.First(span => span.Name == "decision");
        Assert.Equal("camera", root.Attributes["camera"]);
        Assert.Equal(
            ["capture", "infer", "post", "queue", "window"],
            request.Spans.Where(span => span.Parent == root.Id).Select(span => span.Name).Order());
        Assert.True(await service.MetricAsync("actionstream_trace_spans_total", "result=\"sent\"") >= 6);
        Assert.DoesNotContain("hush", service.Child.All, StringComparison.Ordinal);
    }

    [NeedsFact("ffmpeg")]
    public async Task A_collector_that_never_answers_neither_slows_the_service_nor_keeps_it_from_stopping()
    {
        using var collector = new OtlpCollector(answer: 0);
        await using var service = await Service.StartAsync(
            Yaml($"tracing: {{endpoint: \"{collector.Address}\", sample: 1}}"),
            ("OTEL_BSP_SCHEDULE_DELAY", "200"), ("OTEL_EXPORTER_OTLP_TIMEOUT", "1000"));
        collector.Next(Limit); // from here on it holds one batch
        await service.Child.LineAsync(line => line.Contains("Traces: the collector at", StringComparison.Ordinal), Limit);
        Assert.True(await service.MetricAsync("actionstream_trace_spans_total", "result=\"failed\"") >= 6);
        var decisions = await service.MetricAsync("actionstream_decisions_total");
        using (var limit = new CancellationTokenSource(Limit))
        {
            while (await service.MetricAsync("actionstream_decisions_total") < decisions + 20) // they keep coming
            {
                await Task.Delay(100, limit.Token);
            }
        }

        var began = Stopwatch.GetTimestamp();
        Assert.Equal(0, await service.StopAsync());
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(8));
    }
}
