using ActionStream.Core.Configuration;

namespace ActionStream.Host.Tracing;

/// <summary>Traces of single decisions, for who runs an OpenTelemetry collector. Off unless an endpoint is set.</summary>
public sealed record TracingOptions
{
    /// <summary>Where a collector takes OTLP over HTTP, such as http://collector:4318; or OTEL_EXPORTER_OTLP_ENDPOINT names it.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Share of decisions that are traced, 0 to 1.</summary>
    public double Sample { get; init; } = 0.01;

    public bool IsOn => !string.IsNullOrEmpty(Endpoint);

    public void Check(ConfigCheck check)
    {
        check.Expect(
            !IsOn || (Uri.TryCreate(Endpoint, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"),
            SafeUri.Of(Endpoint ?? ""), "http://collector:4318 or https://…, without /v1/traces; or nothing", nameof(Endpoint));
        check.Expect(Sample is > 0 and <= 1, Sample, "above 0, up to 1");
    }
}
