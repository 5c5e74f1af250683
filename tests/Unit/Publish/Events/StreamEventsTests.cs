using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Core.Results;
using ActionStream.Publish.Events;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Publish.Events;

public sealed class StreamEventsTests
{
    private static readonly ModelCard Card = new()
    {
        Name = "toy",
        Labels = ["walk", "fall", "nothing"],
        Output = new() { Background = "nothing" },
    };

    private static readonly EventOptions Quick = new()
    {
        Smoothing = TimeSpan.Zero,
        MinDuration = TimeSpan.Zero,
        MergeGap = TimeSpan.Zero,
    };

    private readonly FakeClock _clock = new();
    private readonly List<ActionEvent> _events = [];
    private readonly StreamEvents _stream;
    private long _window;

    public StreamEventsTests() => _stream = new("front", Card, Quick, new Timeline(_clock), "boot");

    private static TimeSpan Ms(double ms) => TimeSpan.FromMilliseconds(ms);

    private Decision? Decide(int epoch, double end, params float[] scores)
    {
        _clock.Advance(Ms(100));
        var arrived = _clock.GetTimestamp();
        var time = new ClipTime(epoch, 0, 0, Ms(end - 2000), Ms(end), Ms(30), arrived, arrived + Ms(1).Ticks);
        var answer = new ClipScores(
            "front", _window++, time, new(16, 1, Ms(80)), scores, "cpu", arrived + Ms(4).Ticks, arrived + Ms(14).Ticks);
        _clock.Advance(Ms(16));
        return _stream.Update(answer, _clock.GetTimestamp(), Ms(3), _events);
    }

    [Fact]
    public void A_detection_says_when_what_and_where_the_time_went()
    {
        var detection = Decide(0, 2000, 0.1f, 0.85f, 0.05f)!.Value;

        Assert.Equal(_clock.GetUtcNow() - Ms(46), detection.End);
        Assert.Equal(detection.End - Ms(2000), detection.Start);
        Assert.Equal(["fall", "walk", "nothing"], detection.TopK.Select(entry => entry.Label));
        Assert.Equal(["fall"], detection.Detected);
        Assert.Equal(new StageLatency(Ms(30), Ms(1), Ms(3), Ms(10), Ms(2), Ms(3)), detection.Latency);
        Assert.Equal(Ms(49), detection.Latency.Total);
    }

    [Fact]
    public void The_background_never_makes_an_event()
    {
        Decide(0, 2000, 0, 0, 1);
        Decide(0, 2500, 0, 0, 1);
        Assert.Empty(_events);
    }

    [Fact]
    public void An_event_keeps_its_id_and_start_to_its_end()
    {
        Decide(0, 2000, 0.9f, 0, 0);
        _clock.Advance(Ms(500));
        Decide(0, 2500, 0, 0, 1);
        Assert.Equal([EventType.Start, EventType.End], _events.Select(step => step.Type));
        Assert.Single(_events.Select(step => (step.Id, step.Start)).Distinct());
        Assert.Matches(@"^front-20260101T000000\.070Z-[0-9a-f]{4}$", _events[0].Id);
        Assert.Equal(Ms(616), _events[1].Duration);
    }

    [Fact]
    public void A_lost_connection_ends_events_and_its_stragglers_start_none()
    {
        Decide(3, 2000, 0.9f, 0, 0);
        _stream.Lost(_events);
        Assert.Equal((EventType.End, EndReason.StreamLost), (_events[^1].Type, _events[^1].Reason!.Value));

        Assert.Null(Decide(3, 2500, 0.9f, 0, 0));
        _stream.Back();
        Assert.Null(Decide(3, 3000, 0.9f, 0, 0));
        Assert.Equal(2, _events.Count);
        Assert.NotNull(Decide(4, 2000, 0.9f, 0, 0));
        Assert.Equal(EventType.Start, _events[^1].Type);
    }

    [Fact]
    public void A_new_epoch_ends_what_the_old_one_began()
    {
        Decide(0, 2000, 0.9f, 0, 0);
        Decide(1, 2000, 0.9f, 0, 0);
        Assert.Equal(
            [(EventType.Start, null), (EventType.End, EndReason.StreamLost), (EventType.Start, (EndReason?)null)],
            _events.Select(step => (step.Type, step.Reason)));
    }

    [Fact]
    public void Stopping_ends_what_is_open_and_only_that()
    {
        Decide(0, 2000, 0.9f, 0.8f, 0);
        Decide(0, 2100, 0.9f, 0, 0);
        _events.Clear();
        _stream.Finish(EndReason.Stopped, _events);
        var end = Assert.Single(_events);
        Assert.Equal(("walk", EndReason.Stopped), (end.Label, end.Reason!.Value));
        Assert.Equal(0, _stream.OpenEvents);
    }

    [Theory]
    [InlineData(StreamState.Offline, "timeout", EndReason.StreamLost)]
    [InlineData(StreamState.Degraded, StreamReasons.Frozen, EndReason.VideoLost)]
    [InlineData(StreamState.Degraded, StreamReasons.LowDensity, null)]
    public void A_camera_that_is_gone_or_sees_nothing_takes_its_events_with_it(StreamState state, string reason, EndReason? expected)
    {
        Decide(0, 2000, 0.1f, 0.9f, 0f);
        Assert.Equal(1, _stream.OpenEvents);

        _stream.Take(new("front", state, reason, default, 8), _events);
        Assert.Equal(expected, _events[^1].Reason);
        Assert.Equal(expected is null ? 1 : 0, _stream.OpenEvents);
    }
}
