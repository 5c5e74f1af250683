using System.CommandLine;
using System.Globalization;
using ActionStream.Bench;
using ActionStream.Bench.Pipelines;
using ActionStream.Bench.Reporting;
using ActionStream.Cli.Output;
using ActionStream.Host;
using ActionStream.Host.Output;
using Microsoft.Extensions.Logging;

namespace ActionStream.Cli.Commands.Benches;

/// <summary>`bench pipeline`: the whole service under a share of its capacity, under too much, with ever more
/// cameras; and how many it can carry.</summary>
internal static class BenchPipeline
{
    public static Command Create()
    {
        var model = new Option<string?>("--model") { Description = "A model's folder; a preset with seeded weights unless given." };
        var preset = new Option<string>("--preset")
        {
            Description = "The preset to build.",
            DefaultValueFactory = _ => "factorised-tokenlearner-vivit-ti",
        };
        var cameras = new Option<int[]>("--cameras")
        {
            Description = "How many. Several numbers (1,4,16,64) measure what a camera costs as they grow.",
            DefaultValueFactory = _ => [8],
            AllowMultipleArgumentsPerToken = true,
            CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(',')).Select(text => Number(result, text))],
        };
        var overload = new Option<double?>("--overload")
        {
            Description = "Ask for so many times the capacity, with as many times the cameras.",
        };
        var plan = new Option<bool>("--plan") { Description = "How many cameras at which hop this machine carries." };
        var baseline = new Option<string?>("--against")
        {
            Description = "A program without the engine (bench/Baseline): how many cameras at four decisions a second either sustains.",
        };
        var frames = new Option<int>("--frames") { Description = "Frames per window of the preset; 0 for its own." };
        var height = new Option<int>("--height")
        {
            Description = "With --against: lines of the cameras' frame, 720 or 360 (a sub-stream).",
            DefaultValueFactory = _ => 360,
        };
        var seconds = BenchCommand.AtLeast(1, new("--seconds")
        {
            Description = "Length of one run, after it has settled; under overload twice that.",
            DefaultValueFactory = _ => 15,
        });
        var settle = BenchCommand.AtLeast(1, new("--settle")
        {
            Description = "Seconds before a run counts; four times as many under overload, until the degradation level settles.",
            DefaultValueFactory = _ => 6,
        });
        var deadline = BenchCommand.AtLeast(
            1, new("--deadline") { Description = "Latency budget in milliseconds.", DefaultValueFactory = _ => 1000 });
        var pairs = BenchCommand.Pairs();
        var json = CommonOptions.Json();
        var page = BenchCommand.Out();
        var command = new Command(
            "pipeline", "The whole service: latency at 70 % of capacity, overload, cost per camera, and a plan of what fits.")
        {
            model, preset, frames, cameras, overload, plan, baseline, height, seconds, settle, deadline, pairs, json, page,
        };
        command.SetAction(async parsed =>
        {
            using var signals = new Signals();
            using var log = LogFactory.Create(LogLevel.Error);
            var asked = new BenchOptions(
                parsed.GetValue(model), parsed.GetValue(preset)!, parsed.GetValue(cameras)!, parsed.GetValue(overload),
                parsed.GetValue(seconds),
                parsed.GetValue(settle), parsed.GetValue(pairs), TimeSpan.FromMilliseconds(parsed.GetValue(deadline)));
            using var bench = new BenchModel(asked.Model, asked.Preset, parsed.GetValue(frames));
            var runner = new PipelineBench(bench, log);
            var report = parsed.GetValue(plan) ? await PlanBench.MeasureAsync(runner, bench, asked, log, signals.Stop)
                : parsed.GetValue(baseline) is { } program
                    ? await AgainstBench.MeasureAsync(program, parsed.GetValue(height), bench, asked, log, signals.Stop)
                : asked.Overload is { } times ? await OverloadBench.MeasureAsync(runner, bench, asked, times, signals.Stop)
                : asked.Cameras.Length > 1 ? await GrowthBench.MeasureAsync(runner, bench, asked, signals.Stop)
                : await LatencyBench.MeasureAsync(runner, bench, asked, signals.Stop);
            return report.Write(parsed.GetValue(json), parsed.GetValue(page));
        });
        return command;
    }

    private static int Number(System.CommandLine.Parsing.ArgumentResult result, string text)
    {
        if (!int.TryParse(text, CultureInfo.InvariantCulture, out var number) || number is < 1 or > 512)
        {
            result.AddError($"--cameras has {text}; expected numbers from 1 to 512, such as 8 or 1,4,16,64");
        }

        return number;
    }
}
