using System.CommandLine;
using System.Globalization;
using ActionStream.Host.Bench;
using ActionStream.Host.Output;
using ActionStream.Ingest.Ffmpeg;
using Microsoft.Extensions.Logging;

namespace ActionStream.Host.Commands;

/// <summary>`bench ingest`: CPU from the camera to the clip, beside ffmpeg alone.</summary>
internal static class BenchIngest
{
    private const double MostRatio = 1.05;

    /// <summary>A run that falls behind does less work, and would look cheap.</summary>
    private const double LeastDone = 0.98;

    private sealed record Load(int Cameras, int Seconds, int Pairs);

    public static Command Create()
    {
        var cameras = BenchCommand.AtLeast(1, new("--cameras") { Description = "Cameras, 720p25 each.", DefaultValueFactory = _ => 8 });
        var seconds = BenchCommand.AtLeast(1, new("--seconds") { Description = "Length of one run.", DefaultValueFactory = _ => 20 });
        var pairs = BenchCommand.Pairs();
        var json = CommonOptions.Json();
        var page = BenchCommand.Out();
        var command = new Command("ingest", "CPU of ffmpeg and of our share beside `ffmpeg … -f null -` with the same decoder and filters.")
        {
            cameras, seconds, pairs, json, page,
        };
        command.SetAction(async parsed =>
        {
            using var signals = new Signals();
            var load = new Load(parsed.GetValue(cameras), parsed.GetValue(seconds), parsed.GetValue(pairs));
            return (await MeasureAsync(load, signals.Stop)).Write(parsed.GetValue(json), parsed.GetValue(page));
        });
        return command;
    }

    private static async Task<BenchReport> MeasureAsync(Load load, CancellationToken cancel)
    {
        using var log = Terminal.CreateLog(LogLevel.Warning);
        var ffmpeg = FfmpegTool.Find();
        var time = TimeSpan.FromSeconds(load.Seconds);
        using var video = await BenchVideo.MakeAsync(ffmpeg, time, cancel);
        var bench = new IngestBench(ffmpeg, video.Path, load.Cameras, time, log);
        var shares = new List<(double Children, double Own)>();
        var (frames, clips, dropped) = (0L, 0L, 0L);

        var result = await Pairs.RunAsync(load.Pairs, () => bench.FloorAsync(cancel), () => bench.OursAsync(cancel), (number, floor, ours) =>
        {
            shares.Add((bench.Children.TotalSeconds, bench.Own.TotalSeconds));
            (frames, clips, dropped) = (frames + bench.Frames, clips + bench.Clips, dropped + bench.Dropped);
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"pair {number} of {load.Pairs}: floor {floor:0.000} s, ours {ours:0.000} s ({bench.Children.TotalSeconds:0.000} in children), ratio {ours / floor:0.000}"));
        });

        var done = Math.Round((double)frames / (load.Pairs * bench.ExpectedFrames), 3);
        var ratio = result.Ratio.Rounded(4);
        return new(
            "ingest",
            $"{load.Cameras} cameras ({BenchVideo.Description}), {IngestBench.Picture.Size} rgb24 at 8 a second, a clip of 16 frames every 2: CPU of the ffmpeg children "
            + "and of our process, beside as many `ffmpeg … -f null -` with the same decoder and filters.",
            $"./actionstream bench ingest --cameras {load.Cameras} --seconds {load.Seconds} --pairs {load.Pairs}",
            new
            {
                load.Cameras,
                load.Seconds,
                load.Pairs,
                FloorCpuS = Math.Round(result.Floor.Median, 3),
                CpuS = Math.Round(result.Ours.Median, 3),
                Ratio = ratio.Median,
                ChildrenCpuS = Math.Round(Spread.Of(shares.Select(share => share.Children)).Median, 3),
                OwnCpuS = Math.Round(Spread.Of(shares.Select(share => share.Own)).Median, 3),
                OwnUsPerFrame = Math.Round(1e6 * shares.Sum(share => share.Own) / Math.Max(1, frames), 1),
                Frames = frames,
                Clips = clips,
                Dropped = dropped,
                Done = done,
                FloorCpuSpread = result.Floor.Rounded(3),
                CpuSpread = result.Ours.Rounded(3),
                RatioSpread = ratio,
                Ffmpeg = ffmpeg.Version,
            },
            load.Pairs < Pairs.Enough ? [] : [Threshold.AtMost("ratio", ratio.Median, MostRatio), Threshold.AtLeast("done", done, LeastDone)]);
    }
}
