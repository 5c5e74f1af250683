using System.Diagnostics.Metrics;
using ActionStream.Core.Media;
using ActionStream.Core.Stages;
using ActionStream.Inference;
using ActionStream.Inference.Scoring;
using ActionStream.Ingest;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Sources;
using Microsoft.Extensions.Logging;

namespace ActionStream.Evaluation.Replaying;

/// <summary>The pipeline for recordings: the same parts as for cameras, called one after the other, so that nothing is
/// dropped and every run says the same.</summary>
/// <remarks>The reader waits for the model: at most a handful of frames lie between them.</remarks>
internal sealed class Replay(ReplayConfiguration loaded, LoadedModel model, ILoggerFactory log) : IDisposable
{
    private readonly PixelPool _pool = new();
    private readonly BatchScorer _scorer = Open(loaded, model);
    private FfmpegEnvironment? _ffmpeg;
    private int _epoch;

    /// <param name="url">A recording's path or address.</param>
    /// <param name="pads">Holds the last frame of one that is shorter than a window.</param>
    /// <exception cref="SourceException">It cannot be read, or not to its end.</exception>
    /// <exception cref="ScoringException">The model does not run.</exception>
    public Recording Play(string url, bool pads, IReplayObserver viewer, CancellationToken cancel)
    {
        var input = loaded.Card.Input;
        var camera = loaded.CameraFor(url);
        var spec = camera.Window.For(input);
        var image = new FrameSpec(spec.Interval, input.Size, input.Fit);
        var clock = new RecordingClock(_epoch);
        using var meter = new Meter("ActionStream");
        var counts = new IngestMeters(meter).ForCamera(loaded.Stream);
        var judge = new RecordingClassifier(loaded, _scorer, clock, viewer);
        using var windows = CameraWindows.Create(loaded.Stream, camera, spec, image, counts, judge, clock);
        _ffmpeg ??= new(new FfmpegLauncher(TimeProvider.System), () => FfmpegTool.Find(), _pool, TimeProvider.System);
        var source = StallGuard.For(
            new FilmSource(video => new FfmpegSource(
                loaded.Stream, camera, image, _ffmpeg, counts, log.CreateLogger<FfmpegSource>(), isRecording: true, video: video)),
            camera, spec.Interval, TimeProvider.System);

        // On this thread, not on the reader's: its stack is small, and it must read while the model works.
        foreach (var frame in source.ReadAsync(_epoch, cancel).ToBlockingEnumerable(cancel))
        {
            windows.Take(clock.Date(frame), judge.Ready);
            judge.Decide();
        }

        _epoch = clock.NextEpoch;
        if (counts.ReceivedCount == 0)
        {
            throw new SourceException(SourceFault.NoVideo, $"{Core.Configuration.SafeUri.Of(url)} has no frames");
        }

        var skipped = counts.SkippedByReason.ToDictionary(entry => entry.Reason, entry => entry.Count, StringComparer.Ordinal);

        // One that lasts longer than a window and fills none is too slow, not too short: a time-lapse. And one frame is a picture.
        var length = clock.Length + spec.Interval;
        var isShort = skipped.Count == 0
            || (length < spec.Interval * spec.Length && skipped.Keys.All(reason => reason == DropReason.Gap.Label));
        var isPadded = pads && judge.Clips == 0 && counts.ReceivedCount > 1 && isShort;
        if (isPadded)
        {
            windows.Pad(judge.Ready);
            judge.Decide();
        }

        windows.Status.Ended(null);
        if (judge.Invalid > 0)
        {
            skipped[DropReason.InvalidOutput.Label] = judge.Invalid;
        }

        return new(length, counts.ReceivedCount, judge.Clips, isPadded, skipped);
    }

    private static BatchScorer Open(ReplayConfiguration loaded, LoadedModel model)
    {
        model.WantAttention(loaded.Stream, loaded.Camera.Zones.Count > 0);
        return new(model, model.OpenScorer(model.Policy));
    }

    public void Dispose()
    {
        _scorer.Dispose();
        _pool.Dispose();
    }
}
