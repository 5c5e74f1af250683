using System.Text.Json;
using ActionStream.Host.Configuration;

namespace ActionStream.Cli.Demo;

/// <summary>What really happens in the demo's clip, by time; the clip is played again and again.</summary>
internal sealed class GroundTruth(IReadOnlyList<(string Label, double Start, double End)> segments)
{
    public static GroundTruth Load()
    {
        if (ModelFolder.Packaged("configs/demo/truth.json", File.Exists) is not { } path)
        {
            return new([]);
        }

        using var json = JsonDocument.Parse(File.ReadAllText(path));
        return new([.. json.RootElement.GetProperty("segments").EnumerateArray().Select(segment => (
            segment.GetProperty("label").GetString()!, segment.GetProperty("start").GetDouble(), segment.GetProperty("end").GetDouble()))]);
    }

    /// <summary>The place in the clip, in seconds.</summary>
    /// <param name="played">Seconds since it first began.</param>
    public double Position(double played) => segments.Count == 0 ? played : played % segments[^1].End;

    /// <summary>Null where nobody says what is true.</summary>
    /// <param name="played">Seconds since the clip first began.</param>
    public string? At(double played)
    {
        var position = Position(played);
        return segments.FirstOrDefault(segment => position >= segment.Start && position < segment.End).Label;
    }
}
