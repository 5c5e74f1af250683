using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Probing;

/// <summary>What a camera really sends.</summary>
/// <param name="Safe">Its address without credentials.</param>
/// <param name="Transport">How RTSP carried it; null for others.</param>
/// <param name="FirstFrame">From connecting, as the service does it, to the first decoded frame.</param>
/// <param name="Hwaccel">A hardware decoder that works on this machine; null for none.</param>
public sealed record ProbeReport(
    string Safe, bool IsLive, RtspTransport? Transport, SourceFacts Facts, PacketLog Packets, TimeSpan FirstFrame, string? Hwaccel)
{
    /// <summary>How it would sleep; null for sources that never do.</summary>
    public SleepFacts? Sleep { get; init; }
}

/// <summary>A setting that suits this camera better than its default, with the reason.</summary>
/// <param name="Setting">Its path below the camera; null where the camera itself should be set.</param>
public sealed record Suggestion(string? Setting, string? Value, string Reason);
