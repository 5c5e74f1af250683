using ActionStream.Core.Media;
using ActionStream.Core.Results;
using ActionStream.Host.Configuration;
using ActionStream.Inference.Scoring;
using ActionStream.Publish.Events;

namespace ActionStream.Evaluation.Replaying;

/// <summary>Behind the windows of one recording: the model, the smoothing and the events, in step with the frames.</summary>
internal sealed class RecordingClassifier(
    ReplayConfiguration loaded, BatchScorer scorer, RecordingClock clock, IReplayObserver viewer) : IProgress<StreamStatus>
{
    private readonly StreamEvents _events = new(
        loaded.Stream, loaded.Card, loaded.Camera.Events.Always, new Timeline(clock), ReplayConfiguration.Unnamed,
        zones: CameraZones.Of(loaded.Camera, loaded.Card));
    private readonly List<ActionEvent> _steps = [];

    /// <summary>Windows that wait for <see cref="Decide(Clip)"/>.</summary>
    public List<Clip> Ready { get; } = [];

    /// <summary>Windows that went through the model.</summary>
    public long Clips { get; private set; }

    /// <summary>Of these, answers that were no scores.</summary>
    public long Invalid { get; private set; }

    /// <summary>Takes the recording's state as that of a camera: events end where nothing can be seen, and with its end.</summary>
    public void Report(StreamStatus value)
    {
        _events.Take(value, _steps);
        Tell();
    }

    /// <summary>Puts everything that is ready to the model.</summary>
    public void Decide()
    {
        try
        {
            foreach (var clip in Ready)
            {
                Decide(clip);
            }
        }
        finally
        {
            Ready.ForEach(clip => clip.Dispose());
            Ready.Clear();
        }
    }

    private void Decide(Clip clip)
    {
        scorer.Run([clip]);
        var now = clock.GetTimestamp();
        if (!scorer.TryAnswer(0, clip, Clips++, now, now, out var scores))
        {
            Invalid++;
            return;
        }

        if (_events.Update(scores, now, TimeSpan.Zero, _steps) is { } decision)
        {
            viewer.Decided(scores, decision);
        }

        Tell();
    }

    private void Tell()
    {
        _steps.ForEach(viewer.OnEvent);
        _steps.Clear();
    }
}
