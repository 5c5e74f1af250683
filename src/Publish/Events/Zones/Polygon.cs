namespace ActionStream.Publish.Events.Zones;

/// <summary>Plane geometry of zones: how much of a rectangle lies inside a polygon, exactly.</summary>
internal static class Polygon
{
    /// <summary>The area inside.</summary>
    public static double Area(IReadOnlyList<(double X, double Y)> corners)
    {
        var twice = 0.0;
        for (var i = 0; i < corners.Count; i++)
        {
            var (a, b) = (corners[i], corners[(i + 1) % corners.Count]);
            twice += (a.X * b.Y) - (b.X * a.Y);
        }

        return Math.Abs(twice) / 2;
    }

    /// <summary>The area inside that lies in a rectangle too. One with dents may fall in pieces: edges between them then run along
    /// the border and enclose nothing.</summary>
    public static double AreaWithin(IReadOnlyList<(double X, double Y)> corners, double left, double top, double right, double bottom)
    {
        var rest = Cut(corners, at => at.X - left);
        rest = Cut(rest, at => right - at.X);
        rest = Cut(rest, at => at.Y - top);
        return Area(Cut(rest, at => bottom - at.Y));
    }

    /// <summary>True if two edges that are no neighbours touch: then inside is a matter of opinion.</summary>
    public static bool Crosses(IReadOnlyList<(double X, double Y)> corners)
    {
        var count = corners.Count;
        for (var i = 0; i < count; i++)
        {
            for (var j = i + 2; j < count; j++)
            {
                var areNeighbours = i == 0 && j == count - 1;
                if (!areNeighbours && Meet(corners[i], corners[i + 1], corners[j], corners[(j + 1) % count]))
                {
                    return true;
                }
            }
        }

        return false;
    }

    // Sutherland and Hodgman 1974: what is left on the side where depth is not negative.
    private static List<(double X, double Y)> Cut(IReadOnlyList<(double X, double Y)> corners, Func<(double X, double Y), double> depth)
    {
        var kept = new List<(double X, double Y)>(corners.Count + 4);
        for (var i = 0; i < corners.Count; i++)
        {
            var (from, to) = (corners[i], corners[(i + 1) % corners.Count]);
            var (fromDepth, toDepth) = (depth(from), depth(to));
            if (fromDepth >= 0)
            {
                kept.Add(from);
            }

            if ((fromDepth > 0 && toDepth < 0) || (fromDepth < 0 && toDepth > 0))
            {
                var part = fromDepth / (fromDepth - toDepth);
                kept.Add((from.X + (part * (to.X - from.X)), from.Y + (part * (to.Y - from.Y))));
            }
        }

        return kept;
    }

    private static bool Meet((double X, double Y) a, (double X, double Y) b, (double X, double Y) c, (double X, double Y) d)
    {
        var (first, second, third, fourth) = (Side(a, b, c), Side(a, b, d), Side(c, d, a), Side(c, d, b));
        return (first != second && third != fourth)
            || (first == 0 && IsBetween(a, b, c)) || (second == 0 && IsBetween(a, b, d))
            || (third == 0 && IsBetween(c, d, a)) || (fourth == 0 && IsBetween(c, d, b));
    }

    private static int Side((double X, double Y) a, (double X, double Y) b, (double X, double Y) point) =>
        Math.Sign(((b.X - a.X) * (point.Y - a.Y)) - ((b.Y - a.Y) * (point.X - a.X)));

    private static bool IsBetween((double X, double Y) a, (double X, double Y) b, (double X, double Y) point) =>
        point.X >= Math.Min(a.X, b.X) && point.X <= Math.Max(a.X, b.X) && point.Y >= Math.Min(a.Y, b.Y) && point.Y <= Math.Max(a.Y, b.Y);
}
