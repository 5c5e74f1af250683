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

    [Theory]
    [InlineData("node: x\ncameras:\n\ta: 1\n", 3)]
    [InlineData("node: x\ncameras:\n  a:\n    url: rtsp://x/1\n\tfps: 3\n", 5)]
    [InlineData("node: x\n\n\n\n\tfoo: bar\n", 5)]
    public void A_tab_is_one_problem_in_the_line_where_it_stands(string text, int line)
    {
        List<ConfigProblem> problems = [];
        Assert.Null(YamlFile.Parse(text, "f.yaml", problems));
        Assert.Equal($"f.yaml:{line}: begins with a tab; YAML indents with spaces alone", Assert.Single(problems).ToString());
    }

    [Fact]
    public void A_second_document_is_one_problem_in_its_line_and_the_first_is_read()
    {
        List<ConfigProblem> problems = [];
        var root = (SettingSection)YamlFile.Parse("---\na: 1\n---\nb: 2\n", "f.yaml", problems)!;
        Assert.StartsWith("f.yaml:3: begins a second document (---)", Assert.Single(problems).ToString(), StringComparison.Ordinal);
        Assert.Equal("a", Assert.Single(root.Entries).Key);
    }

    [Theory]
    [InlineData("---\n# only a comment\n---\na: 1\n")]
    [InlineData("a: 1\n---\n")]
    [InlineData("a: 1\n...\n")]
    public void Empty_documents_are_none(string text)
    {
        List<ConfigProblem> problems = [];
        Assert.Equal("a", Assert.Single(((SettingSection)YamlFile.Parse(text, "f.yaml", problems)!).Entries).Key);
        Assert.Empty(problems);
    }

    [Fact]
    public void A_merge_key_takes_over_what_the_section_does_not_say_itself_with_the_lines_of_both()
    {
        List<ConfigProblem> problems = [];
        var root = (SettingSection)YamlFile.Parse(
            "one: &one\n  a: 1\n  b: 2\ntwo: &two\n  b: 3\n  c: 4\nall:\n  c: 5\n  <<: [*one, *two]\n", "f.yaml", problems)!;
        Assert.Empty(problems);
        Assert.Equal(
            ["c 5 8", "a 1 2", "b 2 3"],
            ((SettingSection)root["all"]!).Entries.Select(entry => $"{entry.Key} {((SettingScalar)entry.Value).Text} {entry.Line}"));
    }

    [Fact]
    public void A_merge_key_without_a_section_is_one_problem_in_its_line()
    {
        List<ConfigProblem> problems = [];
        _ = YamlFile.Parse("a: &a 7\nb:\n  <<: *a\n", "f.yaml", problems);
        Assert.Equal(
            "f.yaml:3: << takes over no section; expected *NAME of a section that is marked &NAME", Assert.Single(problems).ToString());
    }

    [Fact]
    public void Aliases_of_aliases_are_refused_before_they_are_written_out()
    {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 12).Select(i =>
            $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));
        List<ConfigProblem> problems = [];
        Assert.Null(YamlFile.Parse(text, "f.yaml", problems));
        Assert.Contains("more than 200000 settings", Assert.Single(problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_one_problem()
    {
        List<ConfigProblem> problems = [];
        Assert.Null(YamlFile.Read("/nowhere/at-all.yaml", problems));
        Assert.Equal("/nowhere/at-all.yaml:1: does not exist; expected a YAML file", Assert.Single(problems).ToString());
    }
}
