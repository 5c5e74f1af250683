using ActionStream.Core.Media;

namespace ActionStream.Publish.Events.Zones;

/// <summary>One zone as a map of the model's attention meets it: how much of each of the map's cells lies inside.</summary>
public sealed class Zone
{
    private readonly double[] _inside; // [h·w], 0 to 1

    /// <param name="view">What the model sees of the frame in which the zone is drawn.</param>
    /// <param name="height">h, rows of the maps.</param>
    /// <param name="width">w, columns.</param>
    public Zone(string name, ZoneOptions options, FrameArea view, int height, int width)
    {
        Name = name;
        _inside = new double[height * width];
        var (cellWidth, cellHeight) = (view.Width / width, view.Height / height);
        for (var i = 0; i < _inside.Length; i++)
        {
            var (left, top) = (view.X + (i % width * cellWidth), view.Y + (i / width * cellHeight));
            _inside[i] = Polygon.AreaWithin(options.Corners, left, top, left + cellWidth, top + cellHeight) / (cellWidth * cellHeight);
        }

        Area = _inside.Sum() / _inside.Length;
        MinShare = options.MinShare ?? (1.5 * Area / (1 + (0.5 * Area)));
    }

    public string Name { get; }

    /// <summary>Its part of what the model sees: the share it would get of attention that is the same everywhere.</summary>
    public double Area { get; }

    /// <summary>Share from which it counts as looked at.</summary>
    public double MinShare { get; }

    /// <summary>The part of a map's mass that lies inside. Within a cell the mass is taken as even.</summary>
    /// <param name="map">[h, w], with the sum 1.</param>
    public double ShareOf(ReadOnlySpan<float> map)
    {
        var share = 0.0;
        for (var i = 0; i < _inside.Length; i++)
        {
            share += _inside[i] * map[i];
        }

        return share;
    }
}

/// <summary>How much of a camera's attention lies in one of its zones.</summary>
/// <param name="Share">Smoothed in time like the scores, 0 to 1.</param>
/// <param name="IsIn">True if that is enough for the zone to count as looked at.</param>
public readonly record struct ZoneShare(string Zone, double Share, bool IsIn);
