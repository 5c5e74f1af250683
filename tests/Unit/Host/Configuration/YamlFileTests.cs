using ActionStream.Core.Configuration;
using ActionStream.Host.Configuration;

namespace ActionStream.Unit.Host.Configuration;

public sealed class YamlFileTests
{
    [Fact]
    public void Lines_survive_and_null_is_told_from_empty_text()
    {
        List<ConfigProblem> problems = [];
        var root = (SettingSection)YamlFile.Parse("a: 1\nb:\n  c: ~\n  d: ''\ne: [x, y]\n", "f.yaml", problems)!;

        Assert.Empty(problems);
        Assert.Equal([1, 2, 5], root.Entries.Select(entry => entry.Line));
        var b = (SettingSection)root["b"]!;
        Assert.Null(((SettingScalar)b["c"]!).Text);
        Assert.Equal("", ((SettingScalar)b["d"]!).Text);
        Assert.Equal(4, b["d"]!.Line);
    }

    [Fact]
    public void What_is_not_YAML_is_one_problem_with_its_line()
    {
        List<ConfigProblem> problems = [];
        Assert.Null(YamlFile.Parse("a: 1\nb: [1, 2\nc: 3\n", "f.yaml", problems));
        var problem = Assert.Single(problems);
        Assert.StartsWith("f.yaml:", problem.ToString(), StringComparison.Ordinal);
        Assert.Contains("is not YAML", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_one_problem()
    {
        List<ConfigProblem> problems = [];
        Assert.Null(YamlFile.Read("/nowhere/at-all.yaml", problems));
        Assert.Equal("/nowhere/at-all.yaml:1: does not exist; expected a YAML file", Assert.Single(problems).ToString());
    }
}
