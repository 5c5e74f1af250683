using System.Text.RegularExpressions;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Docs;

/// <summary>docs/reliability.md promises what happens in each fault: every promise has tests, and they exist and run.</summary>
public sealed partial class ReliabilityPageTests
{
    private static readonly string Page = File.ReadAllText(Repository.At("docs", "reliability.md"));

    [Fact]
    public void Every_fault_has_a_promise_and_a_test()
    {
        var rows = Row().Matches(Page);
        Assert.Equal(Enumerable.Range(1, 51), rows.Select(row => int.Parse(row.Groups["number"].Value, null)));
        Assert.All(rows, row =>
        {
            Assert.NotEmpty(row.Groups["fault"].Value.Trim());
            Assert.NotEmpty(row.Groups["promise"].Value.Trim());
            Assert.True(Test().IsMatch(row.Groups["tests"].Value), row.Value);
        });
    }

    [Fact]
    public void Every_test_that_it_names_exists()
    {
        var tests = Directory.EnumerateFiles(Repository.At("tests"), "*Tests*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Method().Matches(File.ReadAllText(file))
                .Select(method => $"{Path.GetFileName(file).Split('.')[0]}.{method.Groups[1].Value}"))
            .ToHashSet(StringComparer.Ordinal);
        var named = Test().Matches(Page).Select(test => test.Groups[1].Value).Distinct().ToArray();
        Assert.True(named.Length > 50, $"{named.Length} tests named");
        Assert.DoesNotContain(named, name => !tests.Contains(name));
    }

    [GeneratedRegex(@"^\| (?<number>\d+) \| (?<fault>[^|]+) \| (?<promise>[^|]+) \| (?<tests>[^|]+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    /// <summary>`Class.Test`: the test's sentence has an underscore, which settings and types do not.</summary>
    [GeneratedRegex(@"`([A-Z]\w*Tests\.[A-Z]\w*_\w+)`")]
    private static partial Regex Test();

    [GeneratedRegex(@"\[(?:Needs|Measure)?(?:Fact|Theory)[\s\S]{0,2000}?public (?:async )?(?:Task|void) (\w+)\(")]
    private static partial Regex Method();
}
