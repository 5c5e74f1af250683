using System.CommandLine;
using ActionStream.Host;
using ActionStream.Host.History;
using ActionStream.Host.Output;

namespace ActionStream.Cli.Commands.History;

/// <summary>`history export`: every event that is asked for, for other programs.</summary>
internal static class HistoryExport
{
    public static Command Create()
    {
        var filter = new HistoryFilter();
        var format = new Option<string>("--format")
        {
            Description = "jsonl (an event a line) or csv.",
            DefaultValueFactory = _ => "jsonl",
        };
        format.AcceptOnlyFromAmong("jsonl", "csv");
        var scores = new Option<bool>("--scores") { Description = "With each event its label's scores around it; jsonl only." };
        var to = new Option<string?>("--out", "-o")
        {
            Description = "File to write, which must not be there yet; standard output unless given.",
        };
        var command = new Command("export", "All events, as lines of JSON or as CSV.") { format, scores, to };
        filter.AddTo(command);
        command.SetAction(parsed =>
        {
            var isCsv = parsed.GetValue(format) == "csv";
            var withScores = parsed.GetValue(scores);
            if (isCsv && withScores)
            {
                throw new UsageException("--scores is given with --format csv; expected --format jsonl, where a line holds them");
            }

            using var history = new HistoryReader(filter.Path(parsed));
            var events = history.All(filter.Query(parsed));
            if (isCsv)
            {
                Write(parsed.GetValue(to), events.Select(HistoryCsv.Line).Prepend(HistoryCsv.Header));
            }
            else
            {
                Write(parsed.GetValue(to), events.Select(found => AnswerJson.Line(
                    withScores ? new { Event = found, Scores = HistoryCommand.CurvesOf(history, found) } : found)));
            }

            return ExitCode.Good;
        });
        return command;
    }

    private static void Write(string? path, IEnumerable<string> lines)
    {
        if (path is null)
        {
            foreach (var line in lines)
            {
                Outputs.Checked.WriteLine(line);
            }

            return;
        }

        try
        {
            using var file = new StreamWriter(new FileStream(path, FileMode.CreateNew));
            foreach (var line in lines)
            {
                file.WriteLine(line);
            }
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--out is {path}; it cannot be written: {wrong.Message}");
        }
    }
}
