using ActionStream.Bench.Reporting;
using ActionStream.Host;
using ActionStream.Host.Output;
using Spectre.Console;

namespace ActionStream.Cli.Output;

/// <summary>Shows a measurement: as JSON or as tables, and as a page where one was asked for.</summary>
internal static class BenchOutput
{
    /// <returns>The exit code: whether all thresholds hold.</returns>
    public static int Write(this BenchReport report, bool json, string? markdown)
    {
        if (markdown is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(markdown))!);
            File.WriteAllText(markdown, report.ToMarkdown());
        }

        if (json)
        {
            AnswerJson.Write(report.ToJson());
        }
        else
        {
            Show(report);
        }

        return report.Holds ? ExitCode.Good : ExitCode.Failed;
    }

    private static void Show(BenchReport report)
    {
        Console.WriteLine(report.Question);
        foreach (var (title, columns, rows) in report.Tables())
        {
            Console.WriteLine(title);
            var table = new Table { Border = TableBorder.Simple };
            table.AddColumns([.. columns.Select(Markup.Escape)]);
            foreach (var row in rows)
            {
                table.AddRow([.. row.Select(Markup.Escape)]);
            }

            AnsiConsole.Write(table);
        }

        foreach (var threshold in report.Thresholds)
        {
            Console.WriteLine(threshold);
        }
    }
}
