using System.Globalization;
using ActionStream.Core.Media;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Networks;

namespace ActionStream.Models;

/// <summary>What a trainer says in its file's metadata about feeding and reading the weights: it knows how
/// it trained, the builder cannot.</summary>
/// <param name="Labels">`card.labels`, with commas between; empty where the file does not say.</param>
/// <param name="Background">`card.background`</param>
/// <param name="Fit">`card.fit`</param>
/// <param name="Source">`card.source`</param>
/// <param name="Licence">`card.licence`</param>
/// <param name="Enter">`card.enter`: thresholds as `fall=0.5,wave=0.7`.</param>
internal sealed record CardNotes(
    IReadOnlyList<string> Labels, string? Background, Fit? Fit, string? Source, string? Licence, IReadOnlyDictionary<string, double> Enter)
{
    public static CardNotes None { get; } = new([], null, null, null, null, new Dictionary<string, double>());

    /// <exception cref="ModelBuildException">A note is not what its name promises.</exception>
    public static CardNotes Of(Checkpoint file)
    {
        if (file is not SafeTensors { Metadata: { Count: > 0 } notes })
        {
            return None;
        }

        var fit = notes.GetValueOrDefault("card.fit");
        return new(
            Listed(notes.GetValueOrDefault("card.labels")),
            notes.GetValueOrDefault("card.background"),
            fit is null ? null
            : Enum.TryParse<Fit>(fit, ignoreCase: true, out var known) ? known
            : throw Wrong("card.fit", fit, "crop, stretch or pad"),
            notes.GetValueOrDefault("card.source"),
            notes.GetValueOrDefault("card.licence"),
            Listed(notes.GetValueOrDefault("card.enter")).Select(Threshold).ToDictionary(StringComparer.Ordinal));
    }

    private static string[] Listed(string? note) =>
        note?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    private static KeyValuePair<string, double> Threshold(string entry) =>
        entry.Split('=') is [var label, var text] && double.TryParse(text, CultureInfo.InvariantCulture, out var threshold)
            ? new(label, threshold)
            : throw Wrong("card.enter", entry, "label=threshold");

    private static ModelBuildException Wrong(string note, string seen, string expected) =>
        new($"the weights' note {note} is '{seen}'; expected {expected}");
}
