using System.Globalization;

namespace ActionStream.Host.History;

/// <summary>Events as rows for a spreadsheet (RFC 4180).</summary>
internal static class HistoryCsv
{
    public const string Header =
        "event_id,camera,label,near_miss,start_time,end_time,end_reason,top_score,mean_score,threshold,peak_time,peak_window,"
        + "latency_ms,zones,model,model_version,snapshot_url,contact_sheet_url,clip_url,verdict,verdict_label";

    public static string Line(HistoryEvent found) => string.Join(',', ((object?[])
    [
        found.EventId, found.Camera, found.Label, found.NearMiss ? "true" : "false", found.StartTime, found.EndTime, found.EndReason,
        found.TopScore, found.MeanScore, found.Threshold, found.PeakTime, found.PeakWindow, found.LatencyMs,
        string.Join(' ', found.Zones), found.Model, found.ModelVersion, found.SnapshotUrl, found.ContactSheetUrl, found.ClipUrl,
        found.Verdict, found.VerdictLabel,
    ]).Select(Field));

    // A label may hold a comma; one that begins like a formula must not become one.
    private static string Field(object? value)
    {
        var text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        text = value is string && text.Length > 0 && "=+-@".Contains(text[0], StringComparison.Ordinal) ? $"'{text}" : text;
        return text.AsSpan().IndexOfAny(",\"\r\n") >= 0 ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
