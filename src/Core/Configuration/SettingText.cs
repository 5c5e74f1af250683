using System.Globalization;

namespace ActionStream.Core.Configuration;

/// <summary>Durations as people write them: 500ms, 2s, 1.5m, 8h, 7d. A number needs its unit.</summary>
public static class SettingText
{
    private static readonly (string Suffix, double Milliseconds)[] Units =
        [("ms", 1), ("s", 1e3), ("m", 6e4), ("h", 3.6e6), ("d", 8.64e7)];

    public static bool TryParse(string text, out TimeSpan time)
    {
        time = default;
        foreach (var (suffix, milliseconds) in Units)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal)
                && double.TryParse(text[..^suffix.Length], NumberStyles.Float, CultureInfo.InvariantCulture, out var count))
            {
                if (!double.IsFinite(count) || count < 0 || count * milliseconds > TimeSpan.FromDays(3650).TotalMilliseconds)
                {
                    return false;
                }

                time = TimeSpan.FromTicks((long)Math.Round(count * milliseconds * TimeSpan.TicksPerMillisecond));
                return true;
            }
        }

        return false;
    }

    /// <summary>The shortest exact form.</summary>
    public static string Of(TimeSpan time)
    {
        for (var i = Units.Length - 1; i > 0; i--)
        {
            var count = time.TotalMilliseconds / Units[i].Milliseconds;
            if (count >= 1 && count == Math.Floor(count))
            {
                return string.Create(CultureInfo.InvariantCulture, $"{count}{Units[i].Suffix}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds}ms");
    }
}
