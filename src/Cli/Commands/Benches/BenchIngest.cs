using System.CommandLine;
using System.Globalization;
using ActionStream.Bench;
using ActionStream.Bench.Asleep;
using ActionStream.Bench.Reporting;
using ActionStream.Cli.Output;
using ActionStream.Host;
using ActionStream.Host.Configuration;
using ActionStream.Host.Output;
using ActionStream.Ingest.Ffmpeg;
using Microsoft.Extensions.Logging;

namespace ActionStream.Cli.Commands.Benches;

/// <summary>`bench ingest`: CPU from the camera to the clip, beside ffmpeg alone.</summary>
internal static class BenchIngest
{
    private const double MostRatio = 1.05;

    /// <summary>CPU is counted for what was done; a machine that falls far behind measures something else.</summary>
    private const double LeastDone = 0.9;

    private sealed record Load(int Cameras, int Seconds, int Pairs);

    public static Command Create()
    {
        var cameras = BenchCommand.AtLeast(1, new("--cameras") { Description = "Cameras, 720p25 each.", DefaultValueFactory = _ => 8 });
        var seconds = BenchCommand.AtLeast(1, new("--seconds") { Description = "Length of one run.", DefaultValueFactory = _ => 20 });
        var pairs = BenchCommand.Pairs();
        var quiet = new Option<bool>("--quiet")
        {
            Description = "Simulated RTSP cameras before which nothing happens, asleep and awake: the whole service, all in.",
        };
        var day = new Option<bool>("--day")
        {
            Description = "The same, before which something moves a tenth of the time, and some where it always does; 100 seconds or more.",
        };
        var awake = BenchCommand.AtLeast(1, new("--awake")
        {
            Description = "With --quiet or --day: cameras of the runs in which everything is decoded (default: as --cameras, at most 8).",
        });
        var settle = BenchCommand.AtLeast(1, new("--settle")
        {
            Description = "With --quiet or --day: seconds that cameras get to fall asleep before it counts.",
            DefaultValueFactory = _ => 90,
        });
        var encoding = new Option<Encoding?>("--encoding")
        {
            Description = "With --quiet or --day: what the cameras encode with, crf (H.264), cbr (H.264 at a constant rate) or hevc; all "
                + "three unless given.",
        };
        var model = new Option<string>("--model")
        {
            Description = "With --quiet or --day: a model's folder.",
            DefaultValueFactory = _ => ModelFolder.Default,
        };
        var json = CommonOptions.Json();
        var page = BenchCommand.Out();
        var command = new Command(
            "ingest",
            "CPU of ffmpeg and of our share beside `ffmpeg … -f null -` with the same decoder and filters, and what sleeping saves.")
        {
            cameras, seconds, pairs, quiet, day, awake, settle, encoding, model, json, page,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(quiet) && result.GetValue(day))
            {
                result.AddError("--quiet and --day are two measurements; expected one of them");
            }
        });
        command.SetAction(async parsed =>
        {
            using var signals = new Signals();
            var load = new Load(parsed.GetValue(cameras), parsed.GetValue(seconds), parsed.GetValue(pairs));
            var asleep = new QuietLoad(
                load.Cameras, parsed.GetValue(awake) is var fewer and > 0 ? fewer : Math.Min(load.Cameras, 8), load.Seconds, load.Pairs,
                parsed.GetValue(settle), parsed.GetValue(encoding) is { } only ? [only] : Enum.GetValues<Encoding>());
            var report = parsed.GetValue(quiet) || parsed.GetValue(day)
                ? await SleepAsync(asleep, parsed.GetValue(model)!, parsed.GetValue(day), signals.Stop)
                : await MeasureAsync(load, signals.Stop);
            return report.Write(parsed.GetValue(json), parsed.GetValue(page));
        });
        return command;
    }

    private static async Task<BenchReport> SleepAsync(QuietLoad load, string folder, bool isDay, CancellationToken cancel)
    {
        using var log = LogFactory.Create(LogLevel.Error);
        var ffmpeg = FfmpegTool.Find();
        using var model = new BenchModel(folder, "");
        using var videos = new SceneVideo(ffmpeg);
        var run = new CamerasRun(model, ffmpeg, log);
        return isDay
            ? await new DayBench(run, videos).MeasureAsync(load, cancel)
            : await new QuietBench(run, videos).MeasureAsync(load, cancel);
    }

    private static async Task<BenchReport> MeasureAsync(Load load, CancellationToken cancel)
    {
        using var log = LogFactory.Create(LogLevel.Warning);
        var ffmpeg = FfmpegTool.Find();
        var time = TimeSpan.FromSeconds(load.Seconds);
        using var video = await BenchVideo.MakeAsync(ffmpeg, time, cancel);
        var bench = new IngestBench(ffmpeg, video, load.Cameras, time, log);
        var floors = new List<IngestBench.Run>();
        var ours = new List<IngestBench.Run>();

        var result = await PairedRuns.RunAsync(
            load.Pairs,
            async () => Keep(floors, await bench.FloorAsync(cancel)),
            async () => Keep(ours, await bench.OursAsync(cancel)),
            (number, floor, own) => Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"pair {number} of {load.Pairs}: floor {floor:0.000} s, ours {own:0.000} s ({ours[^1].Own.TotalSeconds:0.000} in this "
                + $"process), ratio {own / floor:0.000}")));

        var done = Math.Round(SummaryStatistics.Of(ours.Select(run => run.Done)).Median, 3);
        var floorDone = Math.Round(SummaryStatistics.Of(floors.Select(run => run.Done)).Median, 3);
        var frames = ours.Sum(run => run.Frames);
        var ratio = result.Ratio.Rounded(4);
        return new(
            "ingest",
            $"{load.Cameras} cameras ({BenchVideo.Description}), {IngestBench.FrameSpec.Size} rgb24 at 8 a second, "
            + "a clip of 16 frames every 2: CPU of the ffmpeg children "
            + "and of our process, beside as many `ffmpeg … -f null -` with the same decoder and filters. CPU seconds are for all of the "
            + "video, also where a busy machine left some undone (floor_done, done: shares of the video's bytes).",
            $"./actionstream bench ingest --cameras {load.Cameras} --seconds {load.Seconds} --pairs {load.Pairs}",
            new
            {
                load.Cameras,
                load.Seconds,
                load.Pairs,
                FloorCpuS = Math.Round(result.Floor.Median, 3),
                CpuS = Math.Round(result.Ours.Median, 3),
                Ratio = ratio.Median,
                OwnCpuS = Math.Round(SummaryStatistics.Of(ours.Select(run => run.Own.TotalSeconds / run.Done)).Median, 3),
                OwnUsPerFrame = Math.Round(
                    SummaryStatistics.Of(ours.Select(run => run.Own.TotalMicroseconds / Math.Max(1, run.Frames))).Median, 1),
                Frames = frames,
                Clips = ours.Sum(run => run.Clips),
                Dropped = ours.Sum(run => run.Dropped),
                FloorDone = floorDone,
                Done = done,
                FloorCpuStatistics = result.Floor.Rounded(3),
                CpuStatistics = result.Ours.Rounded(3),
                RatioStatistics = ratio,
                Ffmpeg = ffmpeg.Version,
            },
            load.Pairs < PairedRuns.Enough
                ? []
                : [
                    Threshold.AtMost("ratio", ratio.Median, MostRatio), Threshold.AtLeast("floor_done", floorDone, LeastDone),
                    Threshold.AtLeast("done", done, LeastDone)]);
    }

    private static double Keep(List<IngestBench.Run> runs, IngestBench.Run run)
    {
        runs.Add(run);
        return run.Seconds;
    }
}
