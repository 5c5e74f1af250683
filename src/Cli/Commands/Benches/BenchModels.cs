using System.CommandLine;
using System.Globalization;
using ActionStream.Bench;
using ActionStream.Bench.Reporting;
using ActionStream.Cli.Output;
using ActionStream.Host;
using ActionStream.Host.Output;
using ActionStream.Models;
using Microsoft.Extensions.Logging;

namespace ActionStream.Cli.Commands.Benches;

/// <summary>`bench models`: which network this machine can afford.</summary>
internal static class BenchModels
{
    private static readonly string[] Small =
        ["factorised-tokenlearner-vivit-mini", "factorised-tokenlearner-vivit-ti", "uniformer-xxs-8x128", "uniformer-xxs-16x160"];

    public static Command Create()
    {
        var presets = new Argument<string[]>("presets")
        {
            Description = "Presets to measure (models list); a few small ones unless given.",
            DefaultValueFactory = _ => Small,
        };
        CommonOptions.CompletePresets(presets.CompletionSources);
        presets.Validators.Add(result =>
        {
            foreach (var unknown in result.Tokens.Where(token => Presets.Find(token.Value) is null))
            {
                result.AddError(Presets.Unknown(unknown.Value));
            }
        });
        var pairs = BenchCommand.Pairs();
        var json = CommonOptions.Json();
        var page = BenchCommand.Out();
        var command = new Command(
            "models", "Presets beside each other: a whole window, and a decision as the engine makes it, "
                + "in turns on one thread.") { presets, pairs, json, page };
        command.SetAction(async parsed =>
        {
            using var signals = new Signals();
            using var log = LogFactory.Create(LogLevel.Warning);
            var names = parsed.GetValue(presets)!;
            var count = parsed.GetValue(pairs);
            var rows = new List<ModelRow>();
            foreach (var name in names)
            {
                signals.Stop.ThrowIfCancellationRequested();
                var row = await new ModelBench(name, log).MeasureAsync(count);
                rows.Add(row);
                BenchLog.Write(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name}: window {row.WindowMs} ms, decision {row.DecisionMs} ms, {row.Ratio} times less, {row.GmacsPerS} GMAC/s"));
            }

            return new BenchReport(
                "models",
                "One thread, seeded weights, float32: a whole window beside one decision a tubelet later, as the engine makes it.",
                $"./actionstream bench models {string.Join(' ', names)} --pairs {count}", new { Pairs = count, Models = rows })
                .Write(parsed.GetValue(json), parsed.GetValue(page));
        });
        return command;
    }
}
