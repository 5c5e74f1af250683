using ActionStream.Core.Media;
using ActionStream.Publish.Events;
using ActionStream.Publish.Mqtt.Messages;

namespace ActionStream.Publish;

/// <content>The rolling scores, as often as somebody asked for them.</content>
internal sealed partial class CameraPublisher
{
    private readonly TimeSpan? _scoresEvery;
    private TimeSpan? _scoresPublishedAt;
    private TimeSpan? _repeatedAt;
    private Decision? _last;
    private long _scoresSeq;

    /// <summary>True if the scores of this decision are published.</summary>
    /// <param name="isTold">True if an event has told of it already: each decision is timed once.</param>
    public bool PublishScores(in Decision decision, bool isTold)
    {
        if (_scoresEvery is not { } every || decision.CapturedAt - _scoresPublishedAt < every)
        {
            return false;
        }

        _scoresPublishedAt = decision.CapturedAt;
        PostScores(decision, isTold ? null : decision.Time);
        return true;
    }

    /// <summary>Says the last scores again, for this time: the camera sleeps, and nothing has changed. No event hears of it.</summary>
    /// <remarks>Nothing where no model could look, and before the first decision.</remarks>
    public void Repeat(FrameTime time, Timeline timeline)
    {
        var at = timeline.At(time.ArrivedAt);
        if (_last is not { } last || _scoresEvery is not { } every || !_hasModel || _hopMultiplier == 0
            || at - _scoresPublishedAt < every || at - _repeatedAt < every)
        {
            return;
        }

        _repeatedAt = at; // beside the other: a camera that wakes goes back, and what is decided then is published
        var end = timeline.Wall(at);
        PostScores(
            last with
            {
                Start = end - (last.End - last.Start),
                End = end,
                CapturedAt = at,
                Latency = default(StageLatency) with { Post = timeline.Now - at },
                Reanchored = null,
                IsAsleep = true,
            },
            null);
    }

    private void PostScores(in Decision decision, DecisionTime? time) => _outbox.PostTransient(
        MessageKind.Scores, _scoresTopic, _payloads.Scores(decision, _scoresSeq++, _model), time, isPooled: true);
}
