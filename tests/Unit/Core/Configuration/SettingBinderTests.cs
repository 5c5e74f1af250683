using ActionStream.Core.Configuration;

namespace ActionStream.Unit.Core.Configuration;

public sealed class SettingBinderTests
{
    public sealed record Sample
    {
        public int Hop { get; init; } = 2;

        public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMilliseconds(5);

        public IReadOnlyList<string> Labels { get; init; } = [];

        public Sample? Inner { get; init; }
    }

    private static SettingSection Section(params (string Key, SettingNode Value)[] entries) =>
        new([.. entries.Select((entry, i) => new SettingEntry(entry.Key, entry.Value, i + 1))], 1);

    private static SettingScalar Text(string text) => new(text, 1);

    [Fact]
    public void What_the_file_says_is_bound_and_what_it_does_not_keeps_its_default()
    {
        var check = new ConfigCheck("a.yaml");
        var sample = SettingBinder.Bind<Sample>(
            Section(("max_delay", Text("1.5s")), ("labels", new SettingList([Text("walk"), Text("fall")], 2))), check);

        Assert.Empty(check.Problems);
        Assert.Equal(2, sample.Hop);
        Assert.Equal(TimeSpan.FromSeconds(1.5), sample.MaxDelay);
        Assert.Equal(["walk", "fall"], sample.Labels);
    }

    [Fact]
    public void Every_problem_is_reported_at_once_with_line_path_and_suggestion()
    {
        var root = Section(("hpo", Text("3")), ("max_delay", Text("5")), ("inner", Section(("hop", Text("two")))));
        var check = new ConfigCheck("a.yaml", root);
        SettingBinder.Bind<Sample>(root, check);

        Assert.Equal(
            [
                "a.yaml:1: hpo is not a setting; did you mean hop?",
                "a.yaml:1: max_delay is 5; expected a duration with its unit, such as 500ms, 2s or 1m",
                "a.yaml:1: inner.hop is two; expected a whole number",
            ],
            check.Problems.Select(problem => problem.ToString()));
    }

    [Fact]
    public void Settings_overlay_defaults_name_by_name()
    {
        var check = new ConfigCheck("a.yaml");
        var sample = SettingBinder.Bind<Sample>(
            Section(("inner", Section(("hop", Text("9"))))), check,
            Section(("hop", Text("4")), ("inner", Section(("max_delay", Text("1s"))))));

        Assert.Equal(4, sample.Hop);
        Assert.Equal((9, TimeSpan.FromSeconds(1)), (sample.Inner!.Hop, sample.Inner.MaxDelay));
    }

    [Fact]
    public void A_duration_prints_as_people_write_it()
    {
        Assert.Equal(
            ["500ms", "2s", "1m", "90s", "62.5ms"],
            new[] { 500, 2000, 60_000, 90_000, 62.5 }.Select(ms => SettingText.Of(TimeSpan.FromMilliseconds(ms))));
    }
}
