using System.CommandLine;
using System.Globalization;
using ActionStream.Bench;
using ActionStream.Bench.Engine;
using ActionStream.Bench.Reporting;
using ActionStream.Cli.Output;
using ActionStream.Core.Configuration;
using ActionStream.Core.Files;
using ActionStream.Host;
using ActionStream.Host.Configuration;
using ActionStream.Host.Output;
using ActionStream.Inference;
using ActionStream.Inference.Batching;
using ActionStream.Inference.Configuration;
using ActionStream.Inference.Onnx;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Models.Networks;
using Microsoft.Extensions.Logging;

namespace ActionStream.Cli.Commands.Benches;

/// <summary>`bench inference`: the engine beside a bare loop around the session; with --cache,
/// cached tokens beside whole windows; with --still, scenes that stand still.</summary>
internal static class BenchInference
{
    private const double LeastRatio = 0.97;
    private const double LeastEfficiency = 0.90;
    private const double MostDifference = 1e-4;
    private const double MostStillMs = 0.15;
    private const double MostLooking = 1.02;

    private static readonly (string Preset, int Frames)[] CacheModels =
    [
        ("factorised-tokenlearner-vivit-ti", 16), ("factorised-tokenlearner-vivit-ti", 32),
        ("factorised-tokenlearner-vivit-s", 16), ("factorised-tokenlearner-vivit-s", 32),
    ];

    private static readonly string[] StillModels =
    [
        "factorised-tokenlearner-vivit-mini", "factorised-tokenlearner-vivit-ti", "factorised-tokenlearner-vivit-s", // a trial: the first
    ];

    private sealed record Load(string Model, int Seconds, int Pairs, int Batch, int Workers);

    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "A model's folder.", DefaultValueFactory = _ => ModelFolder.Default };
        var seconds = BenchCommand.AtLeast(1, new("--seconds") { Description = "Length of one run.", DefaultValueFactory = _ => 6 });
        var batch = BenchCommand.AtLeast(
            1, new("--batch") { Description = "Windows in one run of the model.", DefaultValueFactory = _ => 1 });
        var workers = BenchCommand.AtLeast(1, new("--workers")
        {
            Description = "Runs at the same time; one per core unless set.",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        });
        var cache = new Option<bool>("--cache")
        {
            Description = "Cached tokens beside whole windows: D 192 and 384, T 16 and 32, hops of one tubelet and of one frame.",
        };
        var still = new Option<bool>("--still")
        {
            Description = "Scenes that stand still: what it brings and costs to know tubelets by their pixels, and coded scenes.",
        };
        var windows = BenchCommand.AtLeast(8, new("--windows")
        {
            Description = "With --cache: windows answered both ways and compared, over all cases.",
            DefaultValueFactory = _ => 1000,
        });
        var pairs = BenchCommand.Pairs();
        var json = CommonOptions.Json();
        var page = BenchCommand.Out();
        var command = new Command(
            "inference", "The engine beside a bare loop of session.Run; with --cache, cached tokens beside whole windows; "
                + "with --still, scenes that stand still.")
        {
            model, seconds, batch, workers, cache, still, windows, pairs, json, page,
        };
        command.SetAction(async parsed =>
        {
            using var signals = new Signals();
            using var log = LogFactory.Create(LogLevel.Warning);
            var load = new Load(
                parsed.GetValue(model)!, parsed.GetValue(seconds), parsed.GetValue(pairs), parsed.GetValue(batch),
                parsed.GetValue(workers));
            var report = parsed.GetValue(still)
                ? await StillAsync(load.Pairs, log, signals.Stop)
                : parsed.GetValue(cache)
                ? await CacheAsync(load.Pairs, parsed.GetValue(windows), log, signals.Stop)
                : await EngineAsync(load, log, signals.Stop);
            return report.Write(parsed.GetValue(json), parsed.GetValue(page));
        });
        return command;
    }

    private static async Task<BenchReport> EngineAsync(Load load, ILoggerFactory log, CancellationToken cancel)
    {
        var folder = ModelFolder.Resolve(load.Model);
        var card = CardFile.Load(folder);
        var options = new InferenceOptions
        {
            Device = DeviceRequest.Cpu,
            Windows = WindowPath.Full,
            Batch = new() { MaxSize = load.Batch, Workers = load.Workers, Deadline = TimeSpan.Zero },
        };
        using var bare = new BareLoop(
            Path.Combine(folder, card.Model.Path), new OnnxSessionFactory(options, log.CreateLogger<OnnxSessionFactory>()), load.Batch);
        using var model = LoadedModel.Load(
            folder, card, new ConfigCheck(folder), options, TimeProvider.System, log.CreateLogger<LoadedModel>());
        var engine = new EngineRun(model, log);
        var time = TimeSpan.FromSeconds(load.Seconds);
        var result = await PairedRuns.RunAsync(
            load.Pairs,
            () => Task.Run(() => bare.RowsPerSecond(load.Workers, time, TimeProvider.System), cancel),
            () => engine.WindowsPerSecondAsync(time, cancel),
            (number, floor, ours) => Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"pair {number} of {load.Pairs}: bare loop {floor:0.0}, engine {ours:0.0} windows/s, ratio {ours / floor:0.000}")));
        var ratio = result.Ratio.Rounded(4);
        return new(
            "inference",
            "Windows per second through schedule, batches, workers and ordered answers, copying included, "
            + "beside a bare loop of session.Run "
            + "without any copying: same model, same batch, same threads.",
            $"./actionstream bench inference --model {load.Model} --batch {load.Batch} --workers {load.Workers} --seconds "
            + $"{load.Seconds} --pairs {load.Pairs}",
            new
            {
                Model = card.Name,
                load.Batch,
                load.Workers,
                load.Seconds,
                load.Pairs,
                RawClipsPerS = Math.Round(result.Floor.Median, 2),
                EngineClipsPerS = Math.Round(result.Ours.Median, 2),
                Ratio = ratio.Median,
                RawStatistics = result.Floor.Rounded(2),
                EngineStatistics = result.Ours.Rounded(2),
                RatioStatistics = ratio,
            },
            load.Pairs < PairedRuns.Enough ? [] : [Threshold.AtLeast("ratio", ratio.Median, LeastRatio)]);
    }

    private static async Task<BenchReport> CacheAsync(int pairs, int windows, ILoggerFactory log, CancellationToken cancel)
    {
        var cases = new List<CacheCase>();
        foreach (var (preset, frames) in CacheModels)
        {
            using var folder = new TemporaryFolder("bench");
            using var bench = new CacheBench(preset, frames, folder.Path, log);
            foreach (var hop in (int[])[2, 1])
            {
                cancel.ThrowIfCancellationRequested();
                var one = await bench.MeasureAsync(hop, pairs, decisions: 24, windows / (2 * CacheModels.Length));
                cases.Add(one);
                Console.Error.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"D={one.D} T={one.T} hop {one.Hop}: full {one.FullMs} ms, cached {one.CachedMs} ms, "
                    + $"{one.Speedup}x of {one.MacRatio}x, efficiency {one.Efficiency}, difference {one.MaxAbsDiff:e1}"));
            }
        }

        var (worst, difference) = (cases.Min(one => one.Efficiency), cases.Max(one => one.MaxAbsDiff));
        return new(
            "inference --cache",
            "The same windows whole and from cached tokens, in turns on one thread; the promise is the ratio of "
            + "multiply-accumulates as built. "
            + "Differences over windows that include gaps, new connections and windows that were shed.",
            $"./actionstream bench inference --cache --pairs {pairs} --windows {windows}",
            new { Pairs = pairs, Windows = cases.Sum(one => one.Windows), Efficiency = worst, MaxAbsDiff = difference, Cases = cases },
            pairs < PairedRuns.Enough
                ? [Threshold.AtMost("max_abs_diff", difference, MostDifference)]
                : [Threshold.AtLeast("efficiency", worst, LeastEfficiency), Threshold.AtMost("max_abs_diff", difference, MostDifference)]);
    }

    private static async Task<BenchReport> StillAsync(int pairs, ILoggerFactory log, CancellationToken cancel)
    {
        var ffmpeg = FfmpegTool.Find();
        var isTrial = pairs < PairedRuns.Enough;
        var cases = new List<StillCase>();
        foreach (var preset in StillModels.Take(isTrial ? 1 : StillModels.Length))
        {
            cancel.ThrowIfCancellationRequested();
            using var bench = new StillBench(preset, log);
            var one = bench.Measure(pairs, isTrial ? 60 : preset == StillModels[0] ? 400 : 60);
            cases.Add(one);
            BenchLog.Write(string.Create(
                CultureInfo.InvariantCulture,
                $"{preset}: blind {one.BlindMs} ms, busy {one.BusyRatio} of it, flickering {one.FlickerMs} ms, still {one.StillMs} ms, "
                + $"{one.Different} of {one.Windows} answers differ"));
        }

        var scenes = await new CodedSceneBench(StillModels[0], ffmpeg, log)
            .MeasureAsync(TimeSpan.FromSeconds(isTrial ? 4 : 24), isTrial, cancel);
        var (slowest, dearest) = (cases.Max(one => one.StillMs), cases.Max(one => one.BusyRatio));
        var different = cases.Sum(one => one.Different);
        Threshold[] exact = [Threshold.AtMost("different", different, 0)];
        return new(
            "inference --still",
            "Decisions one tubelet after the last, in turns on one thread, in its processor time: on noise without looking for known "
            + "pixels (blind) and with it (busy), on three tubelets over and over (flicker: the temporal head alone) and on one "
            + "picture (still: the last answer). Then a still picture with noise that differs from frame to frame, coded ("
            + CodedSceneBench.Description + "), decoded and scored: how many new tubelets were known by their pixels, how many windows had the last answer.",
            $"./actionstream bench inference --still --pairs {pairs}",
            new { Pairs = pairs, StillMs = slowest, BusyRatio = dearest, Different = different, Cases = cases, Scenes = scenes },
            isTrial
                ? exact
                : [.. exact, Threshold.AtMost("still_ms", slowest, MostStillMs), Threshold.AtMost("busy_ratio", dearest, MostLooking)]);
    }
}
