using System.CommandLine;
using System.Globalization;
using ActionStream.Host.Bench;
using ActionStream.Host.Output;
using ActionStream.Ingest.Ffmpeg;
using Microsoft.Extensions.Logging;

namespace ActionStream.Host.Commands;

/// <summary>`bench pipeline`: the whole service under a share of its capacity, under too much, with ever more cameras; and how many it can carry.</summary>
internal static class BenchPipeline
{
    private const double Share = 0.7;
    private const double MostOverheadMs = 10;
    private const double MostAllocated = 256;
    private const double LeastWork = 0.95;
    private const double LeastFairness = 0.9;
    private const double LeastAhead = 5;

    private sealed record Asked(string? Model, string Preset, int[] Cameras, double? Overload, int Seconds, int Settle, int Pairs, TimeSpan Deadline)
    {
        public string Command(string rest) => string.Create(
            CultureInfo.InvariantCulture, $"./actionstream bench pipeline {(Model is null ? "" : $"--model {Model} ")}{rest} --seconds {Seconds} --pairs {Pairs}");
    }

    public static Command Create()
    {
        var model = new Option<string?>("--model") { Description = "A model's folder; a preset with seeded weights unless given." };
        var preset = new Option<string>("--preset") { Description = "The preset to build.", DefaultValueFactory = _ => "factorised-tokenlearner-vivit-ti" };
        var cameras = new Option<int[]>("--cameras")
        {
            Description = "How many. Several numbers (1,4,16,64) measure what a camera costs as they grow.",
            DefaultValueFactory = _ => [8],
            AllowMultipleArgumentsPerToken = true,
            CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(',')).Select(text => Number(result, text))],
        };
        var overload = new Option<double?>("--overload") { Description = "Ask for so many times the capacity, with as many times the cameras." };
        var plan = new Option<bool>("--plan") { Description = "How many cameras at which hop this machine carries." };
        var peer = new Option<string?>("--against") { Description = "A program without the engine (bench/peers): how many cameras at four decisions a second either sustains." };
        var frames = new Option<int>("--frames") { Description = "Frames per window of the preset; 0 for its own." };
        var height = new Option<int>("--height") { Description = "With --against: lines of the cameras' picture, 720 or 360 (a sub-stream).", DefaultValueFactory = _ => 360 };
        var seconds = BenchCommand.AtLeast(1, new("--seconds") { Description = "Length of one run, after it has settled; under overload twice that.", DefaultValueFactory = _ => 15 });
        var settle = BenchCommand.AtLeast(1, new("--settle") { Description = "Seconds before a run counts; four times as many under overload, for the ladder to be climbed.", DefaultValueFactory = _ => 6 });
        var deadline = BenchCommand.AtLeast(1, new("--deadline") { Description = "Latency budget in milliseconds.", DefaultValueFactory = _ => 1000 });
        var pairs = BenchCommand.Pairs();
        var json = CommonOptions.Json();
        var page = BenchCommand.Out();
        var command = new Command("pipeline", "The whole service: latency at 70 % of capacity, overload, cost per camera, and a plan of what fits.")
        {
            model, preset, frames, cameras, overload, plan, peer, height, seconds, settle, deadline, pairs, json, page,
        };
        command.SetAction(async parsed =>
        {
            using var signals = new Signals();
            using var log = Terminal.CreateLog(LogLevel.Error);
            var asked = new Asked(
                parsed.GetValue(model), parsed.GetValue(preset)!, parsed.GetValue(cameras)!, parsed.GetValue(overload), parsed.GetValue(seconds),
                parsed.GetValue(settle), parsed.GetValue(pairs), TimeSpan.FromMilliseconds(parsed.GetValue(deadline)));
            using var bench = new BenchModel(asked.Model, asked.Preset, parsed.GetValue(frames));
            var runner = new PipelineBench(bench, log);
            var report = parsed.GetValue(plan) ? await PlanAsync(runner, bench, asked, log, signals.Stop)
                : parsed.GetValue(peer) is { } program ? await AgainstAsync(program, parsed.GetValue(height), bench, asked, log, signals.Stop)
                : asked.Overload is { } times ? await OverloadAsync(runner, bench, asked, times, signals.Stop)
                : asked.Cameras.Length > 1 ? await GrowAsync(runner, bench, asked, signals.Stop)
                : await LatencyAsync(runner, bench, asked, signals.Stop);
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

    private static async Task<BenchReport> LatencyAsync(PipelineBench runner, BenchModel model, Asked asked, CancellationToken cancel)
    {
        var runs = new List<(PipelineBench.Capacity Capacity, PipelineFigures Figures)>();
        for (var i = 1; i <= asked.Pairs; i++)
        {
            var capacity = await runner.MeasureCapacityAsync(cancel);
            var load = PipelineBench.LoadOf(capacity, Share, asked.Cameras[0], asked.Deadline);
            var figures = await runner.RunAsync(load, TimeSpan.FromSeconds(asked.Settle), TimeSpan.FromSeconds(asked.Seconds), cancel);
            runs.Add((capacity, figures));
            Say($"run {i} of {asked.Pairs}: capacity {capacity.PerSecond:0.0}/s, {figures.Decisions} of {load.Asked * asked.Seconds:0} decisions, overhead p50 {figures.Overhead.P50} p99 {figures.Overhead.P99} ms (queue {figures.Queue.P50}, {figures.Queue.P99}; model {figures.Model.P50}, {figures.Model.P95}, {figures.Model.P99}), "
                + $"{figures.AllocatedBytes / figures.Frames:0} bytes/frame, gen 2 {figures.Gen2}, dropped {string.Join(" ", figures.Dropped)}");
        }

        var overhead = SpreadOf(run => run.Overhead.P99);
        var allocated = SpreadOf(run => run.AllocatedBytes / Math.Max(1, run.Frames));
        var gen2 = Math.Round(runs.Sum(run => run.Figures.Gen2) / runs.Sum(run => run.Figures.Time.TotalMinutes), 2);
        return new(
            "pipeline",
            $"{asked.Cameras[0]} cameras without decoders, evenly spread, that ask for {Share:p0} of what the engine alone can do; from a frame's arrival until a subscriber in another process has the scores, less the time in the model.",
            asked.Command($"--cameras {asked.Cameras[0]}"),
            new
            {
                Model = model.Card.Name,
                Cameras = asked.Cameras[0],
                asked.Seconds,
                asked.Pairs,
                CapacityPerS = Math.Round(Spread.Of(runs.Select(run => run.Capacity.PerSecond)).Median, 2),
                LatencyMs = new { P50 = SpreadOf(run => run.Age.P50).Median, P95 = SpreadOf(run => run.Age.P95).Median, P99 = SpreadOf(run => run.Age.P99).Median },
                ModelMs = SpreadOf(run => run.Model.P50).Median,
                QueueP50Ms = SpreadOf(run => run.Queue.P50).Median,
                QueueP99Ms = SpreadOf(run => run.Queue.P99).Median,
                OverheadP50Ms = SpreadOf(run => run.Overhead.P50).Median,
                OverheadP99Ms = overhead.Median,
                AllocBytesPerFrame = allocated.Median,
                Gen2PerMin = gen2,
                Dropped = runs.SelectMany(run => run.Figures.Dropped).GroupBy(pair => pair.Key).ToDictionary(group => group.Key, group => group.Sum(pair => pair.Value)),
                OverheadP99Spread = overhead,
                AllocSpread = allocated,
            },
            asked.Pairs < Pairs.Enough
                ? []
                : [Threshold.AtMost("overhead_p99_ms", overhead.Median, MostOverheadMs), Threshold.AtMost("alloc_bytes_per_frame", allocated.Median, MostAllocated), Threshold.AtMost("gen2_per_min", gen2, 0)]);

        Spread SpreadOf(Func<PipelineFigures, double> figure) => Spread.Of(runs.Select(run => figure(run.Figures))).Rounded(2);
    }

    private static async Task<BenchReport> OverloadAsync(PipelineBench runner, BenchModel model, Asked asked, double times, CancellationToken cancel)
    {
        var cameras = (int)Math.Round(asked.Cameras[0] * times);
        var runs = new List<(double Work, PipelineFigures Figures)>();
        for (var i = 1; i <= asked.Pairs; i++)
        {
            var capacity = await runner.MeasureCapacityAsync(cancel);
            var load = PipelineBench.LoadOf(capacity, times, cameras, asked.Deadline);
            var figures = await runner.RunAsync(load, 4 * TimeSpan.FromSeconds(asked.Settle), 2 * TimeSpan.FromSeconds(asked.Seconds), cancel);
            var work = capacity.Of(figures.Windows, figures.Tubelets) / figures.Time;
            var most = capacity.PerSecond * capacity.Of(1, 1).TotalSeconds;
            runs.Add((work / most, figures));
            Say($"run {i} of {asked.Pairs}: capacity {capacity.PerSecond:0.0}/s, work {work / most:0.000} of it, delivered {figures.Decisions} at age p99 {figures.Age.P99} ms, "
                + $"fairness {figures.Fairness(cameras):0.000}, RSS {figures.RssStartMib:0} to {figures.RssEndMib:0} MiB, dropped {string.Join(" ", figures.Dropped)}");
        }

        var ratio = Spread.Of(runs.Select(run => run.Work)).Rounded(4);
        var fairness = Spread.Of(runs.Select(run => run.Figures.Fairness(cameras))).Rounded(4);
        var age = Spread.Of(runs.Select(run => run.Figures.Age.P99)).Rounded(1);
        var growth = Spread.Of(runs.Select(run => (run.Figures.RssEndMib - run.Figures.RssStartMib) / run.Figures.Time.TotalMinutes)).Rounded(2);
        return new(
            "pipeline --overload",
            $"{cameras} cameras without decoders that together ask for {times} times what the engine alone can do. Work is the time that tubelets and heads take one worker alone; "
            + "the floor is the same engine with nothing before it and nothing behind it.",
            asked.Command(string.Create(CultureInfo.InvariantCulture, $"--cameras {asked.Cameras[0]} --overload {times}")),
            new
            {
                Model = model.Card.Name,
                Cameras = cameras,
                Overload = times,
                asked.Seconds,
                asked.Pairs,
                DeadlineMs = asked.Deadline.TotalMilliseconds,
                DeliveredAgeP99Ms = age.Median,
                WorkRatio = ratio.Median,
                Fairness = fairness.Median,
                DecisionsPerS = Math.Round(Spread.Of(runs.Select(run => run.Figures.Decisions / run.Figures.Time.TotalSeconds)).Median, 2),
                RssMib = Math.Round(Spread.Of(runs.Select(run => run.Figures.RssEndMib)).Median, 1),
                RssMibPerMin = growth.Median,
                Dropped = runs[^1].Figures.Dropped,
                WorkRatioSpread = ratio,
                FairnessSpread = fairness,
                AgeP99Spread = age,
                RssMibPerMinSpread = growth,
            },
            asked.Pairs < Pairs.Enough
                ? []
                :
                [
                    Threshold.AtMost("delivered_age_p99_ms", age.Median, asked.Deadline.TotalMilliseconds), Threshold.AtLeast("work_ratio", ratio.Median, LeastWork),
                    Threshold.AtLeast("fairness", fairness.Median, LeastFairness),
                ]);
    }

    private static async Task<BenchReport> GrowAsync(PipelineBench runner, BenchModel model, Asked asked, CancellationToken cancel)
    {
        var input = model.Card.Input;
        var rounds = new List<Dictionary<int, double>>();
        var decisions = new Dictionary<int, double>();
        for (var i = 1; i <= asked.Pairs; i++)
        {
            var round = new Dictionary<int, double>();
            foreach (var cameras in asked.Cameras)
            {
                var figures = await runner.RunAsync(
                    new(cameras, input.Interval, PipelineBench.Hop, asked.Deadline), TimeSpan.FromSeconds(asked.Settle), TimeSpan.FromSeconds(asked.Seconds), cancel);
                round[cameras] = figures.CpuS / figures.Time.TotalSeconds / cameras;
                decisions[cameras] = Math.Round(figures.Decisions / figures.Time.TotalSeconds, 2);
            }

            rounds.Add(round);
            Say($"round {i} of {asked.Pairs}: " + string.Join(", ", round.Select(pair => $"{pair.Key}: {pair.Value:p2}")));
        }

        var rows = asked.Cameras.Select(cameras =>
        {
            var spread = Spread.Of(rounds.Select(round => round[cameras])).Rounded(5);
            return new { Cameras = cameras, Cores = spread.Median, spread.Min, spread.Max, DecisionsPerS = decisions[cameras] };
        }).ToArray();
        var middle = (rows.Max(row => row.Cores) + rows.Min(row => row.Cores)) / 2;
        var within = Math.Round((rows.Max(row => row.Cores) - middle) / middle, 4);
        return new(
            "pipeline --cameras " + string.Join(",", asked.Cameras),
            $"What one camera costs this process, as part of a core, as cameras grow: {1 / input.Interval.TotalSeconds:0.#} pictures and {1 / (PipelineBench.Hop * input.Interval).TotalSeconds:0.#} decisions a second each, "
            + "prepared pictures, every decision published. All of the process counts, also what it would cost without a camera.",
            asked.Command("--cameras " + string.Join(",", asked.Cameras)),
            new { Model = model.Card.Name, asked.Seconds, asked.Pairs, Within = within, CpuPerCamera = rows },
            asked.Pairs < Pairs.Enough ? [] : [Threshold.AtMost("within", within, 0.1)]);
    }

    private static async Task<BenchReport> PlanAsync(PipelineBench runner, BenchModel model, Asked asked, ILoggerFactory log, CancellationToken cancel)
    {
        var ffmpeg = FfmpegTool.Find();
        var time = TimeSpan.FromSeconds(asked.Seconds);
        using var video = await BenchVideo.MakeAsync(ffmpeg, time, cancel);
        const int Cameras = 2;
        var run = await new IngestBench(ffmpeg, video, Cameras, time, log).OursAsync(cancel);
        var ingest = Math.Round(run.Seconds / asked.Seconds / Cameras, 4);
        return new(
            "pipeline --plan",
            $"How many cameras fit into {Environment.ProcessorCount} cores at each hop, with 15 % left for bursts: what a decision takes the model, and what decoding takes, measured just now.",
            asked.Command("--plan"),
            new { Model = model.Card.Name, IngestCoresPerCamera = ingest, Video = BenchVideo.Description, Plan = runner.Plan(ingest) });
    }

    private static async Task<BenchReport> AgainstAsync(
        string program, int height, BenchModel model, Asked asked, ILoggerFactory log, CancellationToken cancel)
    {
        if (!File.Exists(program))
        {
            throw new UsageException($"--against is {program}; there is no such program. Build the one that comes with this repository: dotnet build bench/peers/obvious -c Release");
        }

        var time = TimeSpan.FromSeconds(asked.Seconds);
        using var video = await BenchVideo.MakeAsync(FfmpegTool.Find(), time, cancel, height);
        var bench = new PeerBench(program, model, video.Path, time, log);
        var (peers, ours) = (2, 10); // where to begin looking; later pairs begin where the last one ended
        var result = await Pairs.RunAsync(
            asked.Pairs, async () => peers = await bench.PeerAsync(peers, cancel), async () => ours = await bench.OursAsync(ours, cancel),
            (number, floor, engine) => Say($"pair {number} of {asked.Pairs}: {floor} cameras without the engine, {engine} with it"));
        var ratio = result.Ratio.Rounded(3);
        return new(
            "pipeline --against",
            $"Cameras ({height} lines, 25 pictures a second, H.264) that are sustained at {1 / (PipelineBench.Hop * model.Card.Input.Interval).TotalSeconds:0.#} decisions a second each (every camera gets 95 % of its decisions): "
            + "the service beside a program without the engine, same cores, same model, same ffmpeg, in turns.",
            asked.Command($"--against {program} --preset {asked.Preset} --height {height}"),
            new
            {
                Model = model.Card.Name,
                model.Card.Input.Frames,
                asked.Seconds,
                asked.Pairs,
                PeerCameras = result.Floor.Median,
                EngineCameras = result.Ours.Median,
                Ratio = ratio.Median,
                PeerSpread = result.Floor,
                EngineSpread = result.Ours,
                RatioSpread = ratio,
            },
            asked.Pairs < Pairs.Enough ? [] : [Threshold.AtLeast("ratio", ratio.Median, LeastAhead)]);
    }

    private static void Say(FormattableString text) => Console.Error.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private static void Say(string text) => Console.Error.WriteLine(text);
}
