using System.Globalization;
using ActionStream.Core.Configuration;

namespace ActionStream.Host.History;

/// <summary>Times as people write them: a date, a time of this place, one with its offset, Unix seconds, or how long ago.</summary>
internal static class HistoryTime
{
    private static readonly string[] Local =
        ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm:ss"];

    private static readonly string[] Anywhere =
        ["yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    public static bool TryParse(string typed, TimeProvider time, out DateTimeOffset parsed)
    {
        if (DateTime.TryParseExact(typed, Local, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
        {
            parsed = new(local, time.LocalTimeZone.GetUtcOffset(local));
            return true;
        }

        if (DateTimeOffset.TryParseExact(typed, Anywhere, CultureInfo.InvariantCulture, DateTimeStyles.None, out parsed))
        {
            return true;
        }

        if (double.TryParse(typed, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            && seconds is >= 1e6 and < 2e11)
        {
            parsed = DateTimeOffset.UnixEpoch.AddSeconds(seconds);
            return true;
        }

        if (SettingText.TryParse(typed, out TimeSpan ago) && ago >= TimeSpan.Zero && ago < TimeSpan.FromDays(36500))
        {
            parsed = time.GetUtcNow() - ago;
            return true;
        }

        return false;
    }
}
