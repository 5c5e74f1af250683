using System.Globalization;

namespace ActionStream.Publish.Events;

/// <summary>When something is wanted, by the clock on the wall: spans such as `mon-fri 22:00-06:00`, `sat,sun` or `08:00-18:00`.</summary>
/// <remarks>A span past midnight belongs to the day on which it begins. When clocks are changed, the wall's time counts.</remarks>
public sealed class Schedule
{
    private const int MinutesPerDay = 24 * 60;

    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    private readonly Span[] _spans;

    private Schedule(Span[] spans) => _spans = spans;

    /// <summary>Null for no spans: always. False if one of them cannot be read.</summary>
    public static bool TryParse(IReadOnlyList<string> texts, out Schedule? schedule)
    {
        schedule = null;
        var spans = new Span[texts.Count];
        for (var i = 0; i < spans.Length; i++)
        {
            if (!TryParse(texts[i], out spans[i]))
            {
                return false;
            }
        }

        schedule = spans.Length == 0 ? null : new(spans);
        return true;
    }

    /// <summary>True if one span can be read.</summary>
    public static bool IsSpan(string text) => TryParse(text, out _);

    public bool IsOn(DateTime local)
    {
        var (day, minute) = ((int)local.DayOfWeek, (local.Hour * 60) + local.Minute);
        return Array.Exists(_spans, span => span.From < span.Until
            ? span.On(day) && minute >= span.From && minute < span.Until
            : (span.On(day) && minute >= span.From) || (span.On((day + 6) % 7) && minute < span.Until));
    }

    private static bool TryParse(string text, out Span span)
    {
        span = new(Every, 0, MinutesPerDay);
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words switch
        {
            [var one] when one.Contains(':') => TryTimes(one, ref span),
            [var days] => TryDays(days, ref span),
            [var days, var times] => TryDays(days, ref span) && TryTimes(times, ref span),
            _ => false,
        };
    }

    private const int Every = 0b111_1111;

    private static bool TryDays(string text, ref Span span)
    {
        var all = 0;
        foreach (var part in text.ToLowerInvariant().Split(','))
        {
            var ends = part.Split('-');
            var (from, to) = (Array.IndexOf(Days, ends[0]), Array.IndexOf(Days, ends[^1]));
            if (ends.Length > 2 || from < 0 || to < 0)
            {
                return false;
            }

            for (var day = from; ; day = (day + 1) % 7)
            {
                all |= 1 << day;
                if (day == to)
                {
                    break;
                }
            }
        }

        span = span with { Days = all };
        return true;
    }

    private static bool TryTimes(string text, ref Span span)
    {
        if (text.Split('-') is not [var from, var until] || !TryMinute(from, out var first) || !TryMinute(until, out var last)
            || first == last || first == MinutesPerDay)
        {
            return false;
        }

        span = span with { From = first, Until = last };
        return true;
    }

    private static bool TryMinute(string text, out int minute)
    {
        minute = MinutesPerDay;
        if (text == "24:00")
        {
            return true;
        }

        var isTime = TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time);
        minute = (time.Hour * 60) + time.Minute;
        return isTime;
    }

    /// <param name="Days">A bit per day, Sunday first.</param>
    private readonly record struct Span(int Days, int From, int Until)
    {
        public bool On(int day) => (Days & (1 << day)) != 0;
    }
}
