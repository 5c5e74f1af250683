using ActionStream.Core.Media;
using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Integrity;
using ActionStream.Ingest.Windowing;
using Microsoft.Extensions.Logging;

namespace ActionStream.Ingest;

/// <summary>What the cameras of a process share.</summary>
public sealed record IngestServices(
    FfmpegEnvironment Ffmpeg, OpenGate Gate, IngestMeters Meters, Backoff Backoff, Random Random, ILoggerFactory Log)
{
    /// <summary>Who looks over the cameras' shoulders; mostly nobody.</summary>
    public IFrameWatcher? Watcher { get; init; }
}

/// <summary>One camera, from its address to its clips. Its failures are its own: they are reported and retried, never thrown.</summary>
/// <remarks>
/// Several cameras write to one channel, so the stage does not complete it; whoever runs them all does, after the last.
/// It ends when a source that is played once has ended, or when it is cancelled.
/// </remarks>
public sealed partial class IngestStage(
    string stream, ReconnectingSource source, ClipAssembler assembler, QualityRules quality, StageChannel<Clip> clips,
    CameraMeter meter, StatusTracker status, TimeProvider time, ILogger<IngestStage> log) : IStage
{
    private IFrameWatcher? _watcher;

    /// <summary>Why a source that is played once ended early; null while it runs and after a good end.</summary>
    public SourceException? Fault { get; private set; }

    /// <summary>Puts a camera together.</summary>
    /// <param name="source">Where pictures come from, if not from ffmpeg.</param>
    public static IngestStage Create(
        string stream, SourceOptions options, WindowSpec window, PictureSpec picture,
        IngestServices services, StageChannel<Clip> clips, IProgress<StreamStatus> report, IFrameSource? source = null)
    {
        var time = services.Ffmpeg.Time;
        var meter = services.Meters.ForCamera(stream);
        var status = new StatusTracker(stream, window.Interval, report, meter, time);
        var camera = source ?? new FfmpegSource(
            stream, options, picture, services.Ffmpeg, meter, services.Log.CreateLogger<FfmpegSource>());

        // A source that is thinned to one picture in ten seconds is not silent after five.
        var patience = options.StallTimeout > 3 * window.Interval ? options.StallTimeout : 3 * window.Interval;
        var connect = options.ConnectTimeout > patience ? options.ConnectTimeout : patience;
        var guarded = new GatedSource(new StallGuard(camera, connect, patience, time), services.Gate);
        var lasting = new ReconnectingSource(
            guarded, services.Backoff, options.EndsByItself, status, time, services.Random, services.Log.CreateLogger<ReconnectingSource>());
        var assembler = new ClipAssembler(
            stream, window with { MaxGap = options.MaxGap ?? window.MaxGap }, picture.Size, time,
            new PictureInspector(picture.Size, options.Quality.FrozenAfter));
        return new(
            stream, lasting, assembler, new(options.Quality), clips, meter, status, time, services.Log.CreateLogger<IngestStage>()) { _watcher = services.Watcher };
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        var ready = new List<Clip>();
        try
        {
            using (assembler)
            {
                await foreach (var frame in source.ReadAsync(stream, cancel))
                {
                    _watcher?.Saw(stream, frame);
                    Take(frame, ready);
                    await PassOnAsync(ready, cancel);
                }
            }

            status.Ended(null);
        }
        catch (SourceException broken)
        {
            Fault = broken;
            LogBroken(stream, broken.Message);
            status.Ended(broken.Fault);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Asked to leave.
        }
        finally
        {
            ready.ForEach(clip => clip.Dispose());
        }
    }

    private void Take(Frame frame, List<Clip> ready)
    {
        using (frame)
        {
            var assembly = assembler.Add(frame, ready);
            meter.Received(time.GetElapsedTime(frame.Time.ArrivedAt) + assembly.Delay);
            meter.ClockSkew = assembler.ClockSkew;
            if (assembly.LostWindow)
            {
                meter.Skipped(DropReason.Gap);
            }

            if (assembly.Verdict == GridVerdict.Duplicate)
            {
                meter.Dropped(DropReason.Duplicate);
            }
            else
            {
                meter.Flawed(assembly.Marks);
                status.Sampled(assembly.Marks & quality.Watched);
            }
        }
    }

    private async ValueTask PassOnAsync(List<Clip> ready, CancellationToken cancel)
    {
        while (ready.Count > 0)
        {
            var clip = ready[0];
            ready.RemoveAt(0); // the channel owns it from here, even if it throws
            meter.Created(clip.Quality.Score);
            if (quality.Skip(clip.Quality) is { } reason)
            {
                meter.Skipped(reason);
                clip.Dispose();
                continue;
            }

            await clips.WriteAsync(clip, cancel);
        }
    }

    [LoggerMessage(LogLevel.Error, "{Stream}: {Problem}")]
    private partial void LogBroken(string stream, string problem);
}
