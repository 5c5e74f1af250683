using ActionStream.Core.Media;
using ActionStream.Core.Results;
using ActionStream.Core.Retrying;
using ActionStream.Core.Stages;
using ActionStream.Ingest.Decoding;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Packets.Gating;
using ActionStream.Ingest.Packets.Pictures;
using ActionStream.Ingest.Recording;
using ActionStream.Ingest.Sources;
using ActionStream.Ingest.Windowing;
using Microsoft.Extensions.Logging;

namespace ActionStream.Ingest;

/// <summary>What the cameras of a process share.</summary>
public sealed record IngestServices(
    FfmpegEnvironment Ffmpeg, ConnectLimiter Limiter, IngestMeters Meters, Backoff Backoff, Random Random, ILoggerFactory Log)
{
    /// <summary>Who looks over the cameras' shoulders; mostly nobody.</summary>
    public IFrameWatcher? Watcher { get; init; }

    /// <summary>Asks the hosts of cameras that could not be opened; null where nobody is asked.</summary>
    public ReachabilityCheck? Check { get; init; }

    /// <summary>Who wants to know that cameras which sleep are there; null where nobody does.</summary>
    public IProgress<Heartbeat>? Heartbeats { get; init; }

    /// <summary>Who wants which camera awake.</summary>
    public WakeVotes Votes { get; init; } = new();

    /// <summary>Keeps the cameras' streams as they come; null where nobody wants them.</summary>
    public RecordingBuffers? Buffer { get; init; }
}

/// <summary>One camera, from its address to its clips. Its failures are its own, foreseen or not: they are reported and
/// retried, never thrown.</summary>
/// <remarks>
/// It shares its output with other cameras, so whoever runs them all completes it, after the last.
/// It ends when a source that is played once has ended, or when it is cancelled. Its code runs where frames come from: on
/// the camera's frame reader thread, as long as it keeps up, and on the thread pool's after waiting for something else.
/// </remarks>
public sealed partial class IngestStage(
    string stream, ReconnectingSource source, CameraWindows windows, IStageWriter<Clip> clips, ILogger<IngestStage> log) : IStage
{
    /// <summary>Before the first window that matters, for what smooths scores from window to window.</summary>
    private static readonly TimeSpan Warmup = TimeSpan.FromSeconds(1);

    private IFrameWatcher? _watcher;

    /// <summary>The connection that stands or is being tried.</summary>
    public int Epoch => source.Epoch;

    /// <summary>Why a source that is played once ended before its end; null while it runs and after a good end.</summary>
    public SourceException? Fault { get; private set; }

    /// <summary>Puts a camera together.</summary>
    /// <param name="source">Where frames come from, if not from ffmpeg.</param>
    /// <param name="firstEpoch">Number of its first connection: more than any of an earlier life.</param>
    /// <param name="power">Switches it off and on while it runs; always on where it is null.</param>
    /// <param name="minDuration">How long an action must last to be an event: it does not sleep before that could be told.</param>
    public static IngestStage Create(
        string stream, SourceOptions options, WindowSpec window, FrameSpec frameSpec,
        IngestServices services, IStageWriter<Clip> clips, IProgress<StreamStatus> report, IFrameSource? source = null,
        CameraSwitch? power = null, int firstEpoch = 0, TimeSpan? minDuration = null)
    {
        var time = services.Ffmpeg.Time;
        var meter = services.Meters.ForCamera(stream);
        var windows = CameraWindows.Create(stream, options, window, frameSpec, meter, report, time, services.Heartbeats);
        var keep = services.Buffer?.For(stream, options); // told of every camera: an address may have become another
        var camera = source ?? (PacketSource.Suits(options)
            ? Packets(stream, options, window, frameSpec, services, meter, windows.Status, minDuration ?? TimeSpan.FromSeconds(1), keep)
            : Direct(stream, options, frameSpec, services, meter));
        var guarded = StallGuard.For(camera, options, window.Interval, time, windows.Status.LacksKeyFrame);
        var lasting = new ReconnectingSource(
            guarded, services.Backoff, options.EndsByItself, windows.Status, time, services.Random,
            services.Log.CreateLogger<ReconnectingSource>(), power, firstEpoch,
            CameraOpening.For(options, services.Limiter, services.Check));
        return new(stream, lasting, windows, clips, services.Log.CreateLogger<IngestStage>()) { _watcher = services.Watcher };
    }

    /// <summary>One child that reads and decodes: for sources without packets, and for those whose packets cannot be handed on.</summary>
    private static IFrameSource Direct(
        string stream, SourceOptions options, FrameSpec frameSpec, IngestServices services, IFrameCounter meter)
    {
        var camera = FfmpegSource.Film(options, video => new(
            stream, options, frameSpec, services.Ffmpeg, meter, services.Log.CreateLogger<FfmpegSource>(), video: video));
        return options.IsSegmented ? new PacedSource(camera, services.Ffmpeg.Time) : camera;
    }

    private static PacketSource Packets(
        string stream, SourceOptions options, WindowSpec window, FrameSpec frameSpec, IngestServices services, CameraMeter meter,
        ISleepObserver status, TimeSpan minDuration, IPacketKeeper? keep) => new(
            Camera(stream, options, window, frameSpec, services.Ffmpeg, meter, () => services.Votes.Of(stream), status, minDuration),
            () => Direct(stream, options, frameSpec, services, meter), keep, services.Log.CreateLogger<PacketSource>());

    /// <summary>What a camera needs to sleep and to wake in time, for windows and events of these lengths.</summary>
    internal static PacketCamera Camera(
        string stream, SourceOptions options, WindowSpec window, FrameSpec frameSpec, FfmpegEnvironment ffmpeg, IFrameCounter counter,
        Func<WakeReasons> votes, ISleepObserver status, TimeSpan minDuration)
    {
        var length = (window.Length + 1) * window.Interval;
        var gate = new GateOptions { Quiet = GateOptions.QuietFor(length, minDuration) };
        IGate GateFor(CodedStream coded, IPictureReader? pictures) =>
            options.Sleep == SleepMode.Never ? new AlwaysAwake(WakeReasons.Configured)
            : pictures is null ? new AlwaysAwake(WakeReasons.Unreadable)
            : new PacketGate(coded.Codec, coded.Size, gate);

        return new(
            stream, FfmpegArguments.AddressOf(options).Safe, options, frameSpec, length + Warmup, ffmpeg, counter, GateFor, votes, status);
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        var ready = new List<Clip>();
        try
        {
            using (windows)
            {
                await foreach (var frame in source.ReadAsync(stream, cancel))
                {
                    try
                    {
                        Watch(frame);
                        windows.Take(frame, ready);
                        while (ready.Count > 0)
                        {
                            var clip = ready[0];
                            ready.RemoveAt(0); // the queue owns it from here, even if it throws
                            await clips.WriteAsync(clip, cancel);
                        }
                    }
                    catch (Exception broken) when (!cancel.IsCancellationRequested)
                    {
                        windows.GiveUp(ready);
                        windows.StartOver();
                        source.Fail(broken);
                    }
                }
            }

            windows.Status.Ended(null);
        }
        catch (SourceException broken)
        {
            Fault = broken;
            LogBroken(stream, broken.Message);
            windows.Status.Ended(broken.Fault);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Asked to leave.
        }
        catch
        {
            windows.Status.Ended(SourceFault.Internal); // an error outside of any connection: nobody is left to try again
            throw;
        }
        finally
        {
            windows.GiveUp(ready);
        }
    }

    private void Watch(Frame frame)
    {
        try
        {
            _watcher?.OnFrame(stream, frame);
        }
        catch
        {
            frame.Dispose();
            throw;
        }
    }

    [LoggerMessage(LogLevel.Error, "{Stream}: {Problem}")]
    private partial void LogBroken(string stream, string problem);
}
