using ActionStream.Bench.Reporting;
using ActionStream.Host;

namespace ActionStream.Unit.Bench.Reporting;

public sealed class BenchReportTests
{


    [Theory]
    [InlineData(1.05, ExitCode.Good)]
    [InlineData(1.0501, ExitCode.Failed)]
    public void A_missed_threshold_fails_the_verb(double ratio, int expected)
    {
        var report = Report(ratio, Threshold.AtMost("ratio", ratio, 1.05), Threshold.AtLeast("done", 1, 0.98));

        Assert.Equal(expected == ExitCode.Good, report.Holds);
        Assert.Equal(report.Holds, (bool)report.ToJson()["ok"]!);
        Assert.Equal(report.Holds ? 0 : 1, report.ToMarkdown().Split("MISSED").Length - 1);
    }

    [Fact]
    public void Figures_stand_at_the_top_of_the_JSON_and_the_machine_beside_them()
    {
        var json = Report(1.01).ToJson();

        Assert.Equal("sample", (string)json["bench"]!);
        Assert.Equal(1.01, (double)json["ratio"]!);
        Assert.Equal(2, json["cases"]!.AsArray().Count);
        Assert.Equal(Environment.ProcessorCount, (int)json["machine"]!["cores"]!);
        Assert.True((bool)json["ok"]!);
        Assert.All((string[])["cpu", "memory_gib", "os", "dotnet", "onnx_runtime", "commit"], key =>
            Assert.True(json["machine"]!.AsObject().ContainsKey(key), key));
    }

    [Fact]
    public void The_page_has_a_table_of_figures_one_of_spreads_and_one_for_each_list()
    {
        var lines = Report(1.01).ToMarkdown().Split('\n');

        Assert.Contains("    ./actionstream bench sample", lines);
        Assert.Contains("| ratio | 1.01 |", lines);
        Assert.Contains("| ratio_statistics | 1.01 | 1 | 1.02 |", lines);
        Assert.Contains("## cases", lines);
        Assert.Contains("| d | full_ms |", lines);
        Assert.Contains("| 384 | 4.5 |", lines);
        Assert.Contains("## machine", lines);
    }

    private static BenchReport Report(double ratio, params Threshold[] thresholds) => new(
        "sample", "A question.", "./actionstream bench sample",
        new
        {
            Ratio = ratio,
            RatioStatistics = new SummaryStatistics(ratio, 1, 1.02),
            Cases = new[] { new { D = 192, FullMs = 3.5 }, new { D = 384, FullMs = 4.5 } },
        },
        thresholds);
}
