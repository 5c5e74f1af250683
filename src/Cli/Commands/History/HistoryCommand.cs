using System.CommandLine;
using System.Globalization;
using ActionStream.Host;
using ActionStream.Host.History;
using ActionStream.Host.Output;
using Spectre.Console;

namespace ActionStream.Cli.Commands.History;

/// <summary>`history`: what a service remembers, read from its file, also while it writes.</summary>
internal static class HistoryCommand
{
    public static Command Create() => new("history", "Events, near misses and scores that a service has kept (history.path).")
    {
        CreateList(), CreateShow(), HistoryExport.Create(),
    };

    /// <summary>The part of the scores that goes with an event: from a little before it to a little after.</summary>
    internal static IReadOnlyList<ScoreCurve> CurvesOf(HistoryReader history, HistoryEvent found) => history.Scores(
        found.Camera, Moment(found.StartTime - 10), Moment((found.EndTime ?? found.PeakTime) + 10), found.Label);

    private static Command CreateList()
    {
        var filter = new HistoryFilter();
        var limit = new Option<int>("--limit") { Description = "How many, latest first.", DefaultValueFactory = _ => 50 };
        limit.Validators.Add(parsed =>
        {
            if (parsed.Tokens is [{ Value: var typed }]
                && (!int.TryParse(typed, CultureInfo.InvariantCulture, out var number) || number is < 1 or > HistoryQuery.MostAtOnce))
            {
                parsed.AddError($"--limit is {typed}; expected 1 to {HistoryQuery.MostAtOnce}, or export for all");
            }
        });
        var json = CommonOptions.Json();
        var command = new Command("list", "Events, latest first.") { limit, json };
        filter.AddTo(command);
        command.SetAction(parsed =>
        {
            using var history = new HistoryReader(filter.Path(parsed));
            var found = history.Events(filter.Query(parsed) with { Limit = parsed.GetValue(limit) });
            if (parsed.GetValue(json))
            {
                AnswerJson.Write(new
                {
                    Events = found,
                    Next = found.Count == parsed.GetValue(limit) ? found[^1].Cursor.ToString() : null,
                });
            }
            else
            {
                WriteTable(found);
            }

            return ExitCode.Good;
        });
        return command;
    }

    private static Command CreateShow()
    {
        var filter = new HistoryFilter();
        var id = new Argument<string>("id") { Description = "The event's, as `history list` and its messages tell it." };
        var json = CommonOptions.Json();
        var command = new Command("show", "One event, with its scores from 10 s before it to 10 s after it.") { id, json };
        filter.AddFileTo(command);
        command.SetAction(parsed =>
        {
            using var history = new HistoryReader(filter.Path(parsed));
            var wanted = parsed.GetRequiredValue(id);
            var found = history.Find(wanted)
                ?? throw new UsageException($"event {wanted} is not in the history; expected an id that `history list` tells");
            var curves = CurvesOf(history, found);
            if (parsed.GetValue(json))
            {
                AnswerJson.Write(new { Event = found, Scores = curves });
            }
            else
            {
                WriteEvent(found, curves);
            }

            return ExitCode.Good;
        });
        return command;
    }

    private static void WriteTable(IReadOnlyList<HistoryEvent> found)
    {
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns("start", "camera", "label", "seconds", "score", "of", "end", "zones", "id");
        foreach (var column in table.Columns)
        {
            column.NoWrap();
        }

        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = 250; // a file has no edge
        }

        foreach (var one in found)
        {
            table.AddRow([.. ((string[])
            [
                Local(one.StartTime), one.Camera, one.Label, Number(one.EndTime - one.StartTime, "0.0"), Number(one.TopScore, "0.00"),
                Number(one.Threshold, "0.00"), one.NearMiss ? "near miss" : one.EndReason ?? "open", string.Join(' ', one.Zones),
                one.EventId,
            ]).Select(Markup.Escape)]);
        }

        AnsiConsole.Write(table);
    }

    private static void WriteEvent(HistoryEvent found, IReadOnlyList<ScoreCurve> curves)
    {
        Console.WriteLine($"{found.Label} on {found.Camera}{(found.NearMiss ? ", a near miss" : "")}");
        var duration = Number(found.EndTime - found.StartTime, "0.0");
        Console.WriteLine($"  from {Local(found.StartTime)}, {duration} s ({(found.NearMiss ? "no event" : found.EndReason ?? "open")})");
        var (top, threshold) = (Number(found.TopScore, "0.000"), Number(found.Threshold, "0.000"));
        Console.WriteLine($"  highest score {top} in window {found.PeakWindow}, threshold {threshold}");
        Console.WriteLine($"  model {found.Model} {found.ModelVersion}");
        foreach (var media in (string?[])[found.SnapshotUrl, found.ContactSheetUrl, found.ClipUrl])
        {
            Console.Write(media is null ? "" : $"  {media}{Environment.NewLine}");
        }

        foreach (var curve in curves)
        {
            var scores = curve.Scores.GetValueOrDefault(found.Label) ?? [];
            foreach (var (time, score) in curve.Times.Zip(scores))
            {
                var bar = new string('#', (int)(score * 40));
                Console.WriteLine($"  {Number(time - found.StartTime, "+0.00;-0.00"),8} s  {Number(score, "0.00")}  {bar}");
            }
        }
    }

    private static DateTimeOffset Moment(double seconds) => DateTimeOffset.UnixEpoch.AddSeconds(seconds);

    private static string Local(double seconds) =>
        Moment(seconds).ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Number(double? number, string format) => number?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}
