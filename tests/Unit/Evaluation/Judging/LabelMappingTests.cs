using ActionStream.Core.Configuration;
using ActionStream.Core.Modelling;
using ActionStream.Evaluation.Judging;

namespace ActionStream.Unit.Evaluation.Judging;

public sealed class LabelMappingTests : IDisposable
{
    private static readonly ModelCard Card = new() { Name = "toy", Labels = ["walk", "Fall floor", "idle"] };

    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("stroll: walk\nhop: null\nnap: quiet\nidle: ~\nmarch: fall_floor\n")]
    [InlineData("""{"stroll": "walk", "hop": null, "nap": "quiet", "idle": null, "march": "Fall floor"}""")]
    public void A_map_names_what_it_wants_and_equal_names_do_the_rest(string text)
    {
        var map = Load(text);
        Assert.Equal((Fate.Judged, 0), map.Of("stroll"));
        Assert.Equal((Fate.LeftOut, -1), map.Of("hop"));
        Assert.Equal((Fate.Quiet, -1), map.Of("nap"));
        Assert.Equal((Fate.LeftOut, -1), map.Of("idle")); // the map goes before the model
        Assert.Equal((Fate.Judged, 1), map.Of("march"));
        Assert.Equal((Fate.Judged, 0), map.Of("walk"));
        Assert.Equal((Fate.Judged, 1), map.Of("fall_floor")); // as a folder is called
        Assert.Equal((Fate.Unknown, -1), map.Of("dance"));
    }

    [Fact]
    public void Every_mistake_of_a_map_is_told_at_once_with_its_line()
    {
        var problems = Assert.Throws<ConfigException>(() => Load("a: wlak\nb: [walk]\nc: walk\nc: idle\n")).Problems
            .Select(problem => problem.ToString()).ToArray();
        Assert.Equal(3, problems.Length);
        Assert.Contains(
            ":1: a is wlak; expected a label of model toy, null or quiet; did you mean walk?", problems[0], StringComparison.Ordinal);
        Assert.Contains(":2: b is a section or a list", problems[1], StringComparison.Ordinal);
        Assert.Contains(":4: c stands twice", problems[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("just words", "expected a line for each label")]
    [InlineData("a: [", "is not YAML")]
    public void What_is_no_map_is_refused(string text, string message) => Assert.Contains(
        message, Assert.Single(Assert.Throws<ConfigException>(() => Load(text)).Problems).ToString(), StringComparison.Ordinal);

    [Fact]
    public void A_label_called_quiet_is_a_label_where_the_model_knows_it()
    {
        File.WriteAllText(_file, "nap: quiet\n");
        Assert.Equal((Fate.Judged, 0), LabelMapping.Load(_file, new ModelCard { Labels = ["quiet"] }).Of("nap"));
    }

    private LabelMapping Load(string text)
    {
        File.WriteAllText(_file, text);
        return LabelMapping.Load(_file, Card);
    }
}
