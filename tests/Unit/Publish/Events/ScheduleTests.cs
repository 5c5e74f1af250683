using ActionStream.Core.Configuration;
using ActionStream.Publish.Events;

namespace ActionStream.Unit.Publish.Events;

public sealed class ScheduleTests
{
    private static bool IsOn(string local, params string[] spans)
    {
        Assert.True(Schedule.TryParse(spans, out var schedule));
        return schedule!.IsOn(DateTime.Parse(local, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory] // 2026-01-02 is a Friday
    [InlineData("2026-01-02 21:59", false)]
    [InlineData("2026-01-02 22:00", true)]
    [InlineData("2026-01-03 05:59", true)] // the night that Friday began
    [InlineData("2026-01-03 06:00", false)]
    [InlineData("2026-01-03 23:00", false)]
    [InlineData("2026-01-05 03:00", false)] // the night that Sunday began
    [InlineData("2026-01-06 03:00", true)]
    public void A_span_past_midnight_belongs_to_the_day_it_begins(string local, bool isOn) =>
        Assert.Equal(isOn, IsOn(local, "mon-fri 22:00-06:00"));

    [Theory]
    [InlineData("2026-01-03 00:00", "sat,sun", true)]
    [InlineData("2026-01-04 23:59", "sat,sun", true)]
    [InlineData("2026-01-05 00:00", "sat,sun", false)]
    [InlineData("2026-01-05 00:00", "fri-mon", true)]
    [InlineData("2026-01-06 00:00", "fri-mon", false)]
    [InlineData("2026-01-06 08:00", "08:00-18:00", true)]
    [InlineData("2026-01-06 18:00", "08:00-18:00", false)]
    [InlineData("2026-01-06 23:59", "TUE 12:00-24:00", true)]
    [InlineData("2026-01-07 00:00", "tue 12:00-24:00", false)]
    [InlineData("2026-01-07 00:30", "tue 12:00-01:00", true)]
    public void Days_times_or_both(string local, string span, bool isOn) => Assert.Equal(isOn, IsOn(local, span));

    [Fact]
    public void Several_spans_add_up()
    {
        Assert.True(IsOn("2026-01-06 07:00", "06:00-08:00", "18:00-22:00"));
        Assert.True(IsOn("2026-01-06 19:00", "06:00-08:00", "18:00-22:00"));
        Assert.False(IsOn("2026-01-06 12:00", "06:00-08:00", "18:00-22:00"));
    }

    [Fact]
    public void No_span_means_always()
    {
        Assert.True(Schedule.TryParse([], out var schedule));
        Assert.Null(schedule);
    }

    [Theory]
    [InlineData("")]
    [InlineData("weekdays")]
    [InlineData("mon-")]
    [InlineData("mon-wed-fri")]
    [InlineData("8:00-18:00")]
    [InlineData("08:00")]
    [InlineData("08:00-08:00")]
    [InlineData("24:00-06:00")]
    [InlineData("08:00-25:00")]
    [InlineData("mon 08:00-10:00 tue")]
    public void What_cannot_be_read_is_reported(string span)
    {
        Assert.False(Schedule.TryParse([span], out _));
        var check = new ConfigCheck("a.yaml");
        new EventOptions { Schedule = [span] }.Check(check);
        Assert.Contains("schedule.0", Assert.Single(check.Problems).ToString(), StringComparison.Ordinal);
    }
}
