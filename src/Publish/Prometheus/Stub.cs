using System.Diagnostics.Metrics;
namespace ActionStream.Publish.Prometheus;
/// <summary>stub</summary>
public sealed class MeterBridge(Meter m) : IDisposable { public Meter M => m; public Task WriteAsync(Stream s, CancellationToken c) => M is null ? Task.CompletedTask : Task.CompletedTask; public void Dispose() {} }
/// <summary>stub</summary>
public sealed class ProcessMeter { public ProcessMeter(Meter m, string v, string p) { _ = m; _ = v; _ = p; } }
/// <summary>stub</summary>
public static class MetricsProvider { public static string Name => ""; public static string Version => ""; }
