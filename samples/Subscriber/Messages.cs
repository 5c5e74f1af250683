using System.Text.Json.Serialization;

namespace Subscriber;

/// <summary>The part of an event's message that this program uses; fields that it does not know are passed over.</summary>
/// <remarks>
/// Times are seconds since 1970 (UTC). `seq` counts the messages of one camera, `boot_id` changes with every start of the service.
/// </remarks>
internal sealed record ActionMessage
{
    public required string Type { get; init; }

    public required string EventId { get; init; }

    public required string BootId { get; init; }

    public required long Seq { get; init; }

    public required string Camera { get; init; }

    public required string Label { get; init; }

    public double Score { get; init; }

    public double TopScore { get; init; }

    /// <summary>In seconds.</summary>
    public double Duration { get; init; }

    public WindowPart? Window { get; init; }

    /// <summary>Why it ended; null while it goes on.</summary>
    public string? EndReason { get; init; }

    /// <summary>True for what waited for the broker, or was told only after a crash: its latency says nothing.</summary>
    public bool Late { get; init; }

    public LatencyPart? LatencyMs { get; init; }

    public sealed record WindowPart(double Start, double End);

    /// <summary>What each step took, in milliseconds, as the service knows it.</summary>
    public sealed record LatencyPart(double Capture, double Window, double Queue, double Infer, double Post, double Publish, double Total);
}

/// <summary>How a camera is doing.</summary>
internal sealed record CameraStatus
{
    /// <summary>`connecting`, `online`, `degraded`, `offline` or `disabled`; a later version may know more words.</summary>
    public required string State { get; init; }

    public string? Reason { get; init; }
}

/// <summary>Reads both without reflection, so that this program can also be trimmed or compiled ahead of time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ActionMessage))]
[JsonSerializable(typeof(CameraStatus))]
internal sealed partial class MessagesJson : JsonSerializerContext;
