using System.Text.Json.Serialization;

namespace ActionStream.Host.History;

/// <summary>An event, or what almost was one, as it is remembered; times and names as in its messages.</summary>
/// <param name="TopScore">Its highest smoothed score.</param>
/// <param name="Threshold">The score from which its class was detected then.</param>
/// <param name="PeakWindow">Number of the window that brought the highest score.</param>
/// <param name="LatencyMs">From the last frame of the window that brought the latest step to its message.</param>
internal sealed record HistoryEvent(
    string EventId, string Camera, string Label, bool NearMiss, double StartTime, double? EndTime, string? EndReason, double TopScore,
    double? MeanScore, double? Threshold, double PeakTime, long PeakWindow, double? LatencyMs, IReadOnlyList<string> Zones,
    string Model, string? ModelVersion, string? SnapshotUrl, string? ContactSheetUrl, string? ClipUrl, string? Verdict,
    string? VerdictLabel)
{
    /// <summary>Where the next page goes on after it.</summary>
    [JsonIgnore]
    public HistoryCursor Cursor { get; init; }
}
