using System.Diagnostics;
using System.Diagnostics.Metrics;
using ActionStream.Bench.Engine;
using ActionStream.Bench.Reporting;
using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Core.Results;
using ActionStream.Core.Retrying;
using ActionStream.Core.Stages;
using ActionStream.Ingest;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Sources;
using ActionStream.Ingest.Windowing;
using ActionStream.Publish.Metrics;
using Microsoft.Extensions.Logging;

namespace ActionStream.Bench;

/// <summary>What ingesting costs: our ffmpeg children and our own share, beside ffmpeg alone that decodes, thins and
/// scales the same and throws it away.</summary>
internal sealed class IngestBench(FfmpegTool ffmpeg, BenchVideo video, int cameras, TimeSpan time, ILoggerFactory log)
{
    /// <summary>A clip falls due with every new tubelet of two frames, as the token path asks for.</summary>
    public static readonly WindowSpec Window = new(Length: 16, Interval: TimeSpan.FromMilliseconds(125), Hop: 2);

    public static readonly FrameSpec FrameSpec = new(Window.Interval, new FrameSize(224, 224), Fit.Crop);

    /// <summary>From the start to the first measured moment: opening a file and compiling our code is no part of running.</summary>
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Between two starts on either side: a frame's time and an eighth. Children that start at once decode in step and get in
    /// each other's way (5 % more CPU, median of six pairs); ours never start at once, so the floor must not either.
    /// </summary>
    private static readonly TimeSpan Stagger = TimeSpan.FromMilliseconds(45);

    private readonly SourceOptions _source = new() { Url = video.Path, Loop = true, Realtime = true, Hwaccel = Hwaccel.None };

    /// <summary>One run, beside what would have been done by a machine that keeps up.</summary>
    /// <param name="Children">CPU of ffmpeg.</param>
    /// <param name="Own">CPU of this process.</param>
    /// <param name="Done">Share of the video that was really decoded.</param>
    public sealed record Run(TimeSpan Children, TimeSpan Own, double Done, long Frames, long Clips, long Dropped)
    {
        /// <summary>CPU seconds that all of the video would have taken.</summary>
        public double Seconds => (Children + Own).TotalSeconds / Done;
    }

    /// <summary>`ffmpeg … -f null -`, with the same input, the same decoder and the same filters.</summary>
    public async Task<Run> FloorAsync(CancellationToken cancel)
    {
        var command = FfmpegArguments.Build(_source, FrameSpec, ffmpeg.Number);
        var output = command.After.TakeWhile(word => word != "-f").Where(word => word is not ("-c:v" or "rawvideo")); // not even copied
        var children = new List<Process>();
        try
        {
            for (var i = 0; i < cameras; i++)
            {
                children.Add(ChildProcesses.Start(new ProcessStartInfo(
                    ffmpeg.Path, ["-nostdin", .. command.Before, "-i", command.Input, .. output, "-f", "null", "-"])
                { RedirectStandardError = true }));
                children[^1].BeginErrorReadLine(); // what our filters say there is meant for our reader
                await Task.Delay(Stagger, TimeProvider.System, cancel);
            }

            await Task.Delay(Lead, TimeProvider.System, cancel);
            var used = new ChildUse();
            await Task.Delay(time, TimeProvider.System, cancel);
            var (cpu, read) = used.Since();
            return new(cpu, TimeSpan.Zero, Done(read), 0, 0, 0);
        }
        finally
        {
            children.ForEach(child => child.Kill());
            foreach (var child in children)
            {
                await child.WaitForExitAsync(CancellationToken.None);
                child.Dispose();
            }
        }
    }

    /// <summary>Our children and this process, from the cameras to clips that somebody takes.</summary>
    public async Task<Run> OursAsync(CancellationToken cancel)
    {
        using var pool = new PixelPool();
        using var meter = new Meter("ActionStream");
        using var bridge = new MeterBridge(meter); // counting for somebody is part of the work
        var clipsMeter = new StageMeter(meter, "inference");
        var meters = new IngestMeters(meter);
        await using var clips = new StageChannel<Clip>(new(Math.Max(4, 2 * cameras)), clipsMeter);
        var services = new IngestServices(
            new FfmpegEnvironment(new FfmpegLauncher(TimeProvider.System), () => ffmpeg, pool, TimeProvider.System),
            new ConnectLimiter(TimeProvider.System), meters, ReconnectingSource.CameraBackoff, new Random(), log);
        var stages = Enumerable.Range(0, cameras).Select(i => IngestStage.Create(
            $"cam{i}", _source, Window, FrameSpec, services, clips, new Nobody())).ToArray();

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var taker = new ClipTaker(cameras);
        var running = Task.WhenAll(stages.Select((stage, i) => RunLaterAsync(stage, i * Stagger, stop.Token)));
        var taking = taker.RunAsync(clips.Reader);
        try
        {
            await Task.WhenAll(Task.Delay(Lead, TimeProvider.System, cancel), taker.AllSeen.WaitAsync(TimeSpan.FromMinutes(1), cancel));
            var (frames, seen, dropped) = (Received(meters), taker.Count, Shed(meters));
            var used = new ChildUse();
            var own = Environment.CpuUsage.TotalTime;
            await Task.Delay(time, TimeProvider.System, cancel);
            own = Environment.CpuUsage.TotalTime - own;
            var (cpu, read) = used.Since();
            return new(cpu, own, Done(read), Received(meters) - frames, taker.Count - seen, Shed(meters) - dropped);
        }
        catch (TimeoutException)
        {
            throw new BenchException($"no clip of some of the {cameras} cameras within a minute: this machine is too slow for so many");
        }
        finally
        {
            await stop.CancelAsync();
            await running;
            clips.Complete();
            await taking;
        }
    }

    private static async Task RunLaterAsync(IngestStage stage, TimeSpan delay, CancellationToken stop)
    {
        await Task.Delay(delay, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await stage.RunAsync(stop);
    }

    private double Done(long read) => read / (cameras * (time / video.Length) * video.Bytes);

    private long Received(IngestMeters meters) => Enumerable.Range(0, cameras).Sum(i => meters.ForCamera($"cam{i}").ReceivedCount);

    private long Shed(IngestMeters meters) => Enumerable.Range(0, cameras).Sum(i => meters.ForCamera($"cam{i}").DroppedCount);

    /// <summary>Stands for the rest of the pipeline.</summary>
    private sealed class Nobody : IProgress<StreamStatus>
    {
        public void Report(StreamStatus value)
        {
        }
    }
}
