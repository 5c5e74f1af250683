using System.Globalization;
using ActionStream.Ingest.Probing;

namespace ActionStream.Cli.Commands.Cameras;

/// <summary>The answer of `probe` for people: facts, advice, and the lines to paste.</summary>
internal static class ProbeText
{
    public static void Write(ProbeReport report, IReadOnlyList<Suggestion> suggestions, TextWriter to)
    {
        var (facts, packets) = (report.Facts, report.Packets);
        Line("address", $"{report.Safe}{(report.Transport is { } transport ? $" over {transport.ToString().ToUpperInvariant()}" : "")}");
        Line("codec", $"{facts.Codec}{(facts.Profile is { } profile ? $" ({profile})" : "")}, {facts.PixelFormat ?? "unknown pixels"}");
        Line("size", $"{facts.Size.Width}x{facts.Size.Height}");
        Line(
            "frame rate",
            $"{Number(packets.Fps)} seen, {Number(facts.NominalFps)} nominal{(packets.IsReordered ? "; with B-frames" : "")}");
        Line("bit rate", $"{Number(packets.BitsPerSecond / 1000)} kbit/s");
        Line("key frames", packets.KeyFrameInterval is { } interval
            ? $"every {Number(interval.TotalSeconds)} s"
            : $"fewer than two in {Number(packets.Span.TotalSeconds)} s");
        Line("first frame", $"after {Number(report.FirstFrame.TotalSeconds)} s");
        if (report.IsLive)
        {
            Line("clock", packets.Skew is { } skew
                ? string.Create(
                    CultureInfo.InvariantCulture, $"{skew.TotalMilliseconds:+0;-0;0} ms against ours in {packets.Span.TotalSeconds:0.#} s")
                : "watched too short to tell");
        }

        if (report.Sleep is { } sleep)
        {
            Line("sleep", Sleep(sleep, packets.Span));
        }

        to.WriteLine();
        foreach (var (setting, value, reason) in suggestions)
        {
            to.WriteLine(setting is null ? $"* {reason}" : $"* {setting}: {value}   {reason}");
        }

        to.WriteLine(suggestions.Count == 0 ? "The defaults suit it:" : "\nIn the configuration:");
        WriteSettings(report, suggestions, to);

        void Line(string what, string says) => to.WriteLine($"{what,-12} {says}");
    }

    // Settings of one group stand together, whatever the order of the advice.
    private static void WriteSettings(ProbeReport report, IReadOnlyList<Suggestion> suggestions, TextWriter to)
    {
        to.WriteLine($"  cameras:\n    camera:\n      url: {report.Safe}");
        foreach (var group in suggestions.Where(one => one.Setting is not null).GroupBy(one =>
            one.Setting!.Contains('.', StringComparison.Ordinal) ? one.Setting.Split('.')[0] : null))
        {
            var inner = group.Key is null ? "      " : "        ";
            to.Write(group.Key is null ? "" : $"      {group.Key}:\n");
            foreach (var (setting, value, _) in group)
            {
                to.WriteLine($"{inner}{setting!.Split('.')[^1]}: {value}");
            }
        }
    }

    private static string Sleep(SleepFacts sleep, TimeSpan watched)
    {
        if (sleep.Share is not { } share)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"watched too short to tell ({watched.TotalSeconds:0} s); --seconds 60 shows more");
        }

        var wakes = string.Join(", ", sleep.Wakes.Select(wake => $"{wake.Key} ({wake.Value})"));
        return string.Create(CultureInfo.InvariantCulture, $"would have slept {100 * share:0} % of the time")
            + (wakes.Length > 0 ? $"; woken by {wakes}" : "")
            + (sleep.AwakeBecause.Count > 0 ? $"; awake at the end: {string.Join(", ", sleep.AwakeBecause)}" : "");
    }

    private static string Number(double? value) => value?.ToString("0.##", CultureInfo.InvariantCulture) ?? "unknown";
}
