using System.Globalization;
using ActionStream.Models;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Models;

/// <summary>docs/models.md says of every preset what the preset says of itself.</summary>
public sealed class ModelsPageTests
{
    private static readonly string[][] Rows =
        [.. File.ReadLines(Repository.At("docs", "models.md")).Select(line => line.Split('|', StringSplitOptions.TrimEntries)).Where(
            cells => cells.Length == 10 && cells[1].StartsWith('`'))];

    public static TheoryData<string> Names => [.. Presets.All.Select(preset => preset.Name)];

    [Fact]
    public void Every_preset_has_one_row_and_nothing_else_has() =>
        Assert.Equal(
            Presets.All.Select(preset => preset.Name).Order(StringComparer.Ordinal), Rows.Select(Name).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_row_says_what_its_preset_says(string name)
    {
        var preset = Presets.Named(name);
        var row = Rows.Single(cells => Name(cells) == name);
        var cost = FlopCounter.Count(preset);
        var measures = preset.Measures;

        // A square written with one number: all presets are square.
        Assert.Equal(measures.Height, measures.Width);
        string[] expected =
        [
            string.Create(CultureInfo.InvariantCulture, $"{cost.Parameters / 1e6:f3} M"),
            string.Create(CultureInfo.InvariantCulture, $"{cost.Macs / 1e9:f3} G"),
            string.Create(
                CultureInfo.InvariantCulture, $"{measures.Frames} × {measures.Height}², {preset.Interval.TotalMilliseconds:f0} ms"),
            preset.PublishedAccuracy?.Replace(", unverified)", ") [unverified]", StringComparison.Ordinal) ?? "–",
            preset.IsStreamable ? "yes" : "no",
        ];
        Assert.Equal<string[]>(expected, [row[2], row[3], row[4], row[5], row[8]]);
        Assert.Equal(preset.PublishedWeights is null, row[6] == "–");
        if (preset.PublishedWeights is { } weights)
        {
            var address = weights.Split(' ', ',')[0].Replace("https://", "", StringComparison.Ordinal);
            Assert.Contains($"(https://{address})", row[6], StringComparison.Ordinal);
        }

        Assert.StartsWith(preset.Licence ?? "", row[7], StringComparison.Ordinal);
    }

    private static string Name(string[] row) => row[1].Trim('`');
}
