using ActionStream.Core.Configuration;
using ActionStream.Core.Results;

namespace ActionStream.Publish.Events.Zones;

/// <summary>A part of a camera's frame that has a name. Places are shares of the whole frame, whatever the camera's `crop`.</summary>
public sealed record ZoneOptions
{
    /// <summary>Corners of the zone, one after the other round it: [x, y], 0 to 1 from the upper left corner of the whole frame.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Points { get; init; } = [];

    /// <summary>Share of the attention from which the zone counts as looked at. Unless set, 1.5 a / (1 + 0.5 a), where a is its part of
    /// what the model sees: half as much again as its area's odds.</summary>
    public double? MinShare { get; init; }

    internal IReadOnlyList<(double X, double Y)> Corners => [.. Points.Select(point => (point[0], point[1]))];

    /// <summary>Holds all zones of a camera against what can be told without a model.</summary>
    public static void Check(ConfigCheck check, IReadOnlyDictionary<string, ZoneOptions> zones)
    {
        foreach (var (name, zone) in zones)
        {
            var at = check.AtKey(name);
            if (!Slug.IsSlug(name))
            {
                at.Report("is not a name for a zone; expected a-z, 0-9, _ and -, such as stairs");
            }

            zone.Check(at);
        }
    }

    private void Check(ConfigCheck check)
    {
        check.Expect(MinShare is null or (> 0 and <= 1), MinShare, "above 0, up to 1, or nothing");
        var points = check.At(nameof(Points));
        if (Points.Count < 3)
        {
            points.Report($"has {Points.Count} corners; expected 3 or more, each [x, y] from 0 to 1");
            return;
        }

        var bad = Points.Index().Where(point => point.Item.Count != 2 || point.Item.Any(number => number is < 0 or > 1)).ToList();
        foreach (var (index, point) in bad)
        {
            var seen = string.Join(", ", point.Select(number => FormattableString.Invariant($"{number}")));
            points.At($"{index}").Report($"is [{seen}]; expected [x, y], each 0 to 1, a share of the whole frame");
        }

        if (bad.Count == 0 && (Polygon.Crosses(Corners) || Polygon.Area(Corners) < 1e-6))
        {
            points.Report("enclose nothing, or cross; expected corners one after the other round the zone");
        }
    }
}
