using ActionStream.Core.Configuration;
using ActionStream.Host.Configuration;

namespace ActionStream.Unit.Host.Configuration;

public sealed class LocalZoneTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("UTC")]
    [InlineData("Europe/Berlin")]
    [InlineData(":Europe/Berlin")]
    public void A_zone_that_is_known_is_no_problem(string? zone) => Assert.Null(LocalZone.Problem(zone));

    [Theory]
    [InlineData("Europe/Nowhere")]
    [InlineData("/nowhere/zone")]
    [InlineData("CET-1CEST,M3.5.0,M10.5.0/3")] // taken for UTC too
    public void A_zone_that_is_not_known_is_a_problem_where_a_schedule_goes_by_it(string zone)
    {
        Assert.Contains(zone, LocalZone.Problem(zone), StringComparison.Ordinal);
        var problems = Problems("cameras: {a: {url: 'lavfi:x', events: {schedule: ['08:00-18:00']}}}", zone);
        Assert.Equal(
            $"f.yaml:1: cameras.a.events.schedule goes by local time, but the environment variable TZ is {zone}, which is no time zone "
            + "here, and UTC is used instead; expected one such as Europe/Berlin (install tzdata if that is missing too)",
            Assert.Single(problems).ToString());
        Assert.Single(Problems("cameras: {a: {url: 'lavfi:x', events: {classes: {fall: {schedule: ['08:00-18:00']}}}}}", zone));
        Assert.Empty(Problems("cameras: {a: {url: 'lavfi:x'}}", zone));
    }

    [Fact]
    public void The_zone_in_use_is_named_with_its_distance()
    {
        Assert.Equal("UTC", LocalZone.Name(new ZonedClock(TimeZoneInfo.Utc)));
        var clock = new ZonedClock(TimeZoneInfo.FindSystemTimeZoneById("Asia/Kolkata"));
        Assert.Equal("Asia/Kolkata (UTC+05:30)", LocalZone.Name(clock));
        Assert.Equal("2026-01-01 05:30 Asia/Kolkata (UTC+05:30)", LocalZone.Now(clock));
    }

    private static IReadOnlyList<ConfigProblem> Problems(string yaml, string zone) => ConfigFile.Bind(
        "f.yaml", YamlFile.Parse(yaml, "f.yaml", [])!, name => name == "TZ" ? zone : null).Problems;

    private sealed class ZonedClock(TimeZoneInfo zone) : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => zone;

        public override DateTimeOffset GetUtcNow() => new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    }
}
