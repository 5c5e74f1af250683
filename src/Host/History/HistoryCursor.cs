using System.Globalization;

namespace ActionStream.Host.History;

/// <summary>A place between two events: pages stay right while events come and go.</summary>
/// <param name="Start">In milliseconds of Unix time.</param>
/// <param name="Seq">Tells those apart that began at the same time.</param>
internal readonly record struct HistoryCursor(long Start, long Seq)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Start}-{Seq}");

    public static bool TryParse(string text, out HistoryCursor cursor)
    {
        cursor = default;
        if (text.Split('-') is not [var start, var seq]
            || !long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            || !long.TryParse(seq, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        cursor = new(at, number);
        return true;
    }
}
