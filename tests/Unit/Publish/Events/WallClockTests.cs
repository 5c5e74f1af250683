using System.Text.Json;
using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Core.Results;
using ActionStream.Publish.Events;
using ActionStream.Publish.Mqtt.Messages;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Publish.Events;

/// <summary>What a wall clock that is set in the middle of everything does to events and their messages.</summary>
public sealed class WallClockTests
{
    private static readonly ModelCard Card = new() { Name = "toy", Labels = ["walk", "fall"] };
    private static readonly EventOptions Quick = new()
    {
        Smoothing = TimeSpan.Zero,
        MinDuration = TimeSpan.Zero,
        MergeGap = TimeSpan.Zero,
    };

    private readonly FakeClock _clock = new();
    private readonly List<ActionEvent> _events = [];
    private readonly StreamEvents _stream;
    private readonly Payloads _payloads = new(new("edge", "boot", "0.1.0", "cpu"));
    private readonly DateTimeOffset _began;
    private long _window;

    public WallClockTests()
    {
        _stream = new("front", Card, Quick, new Timeline(_clock), "boot");
        _began = _clock.GetUtcNow();
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    public void Times_follow_a_clock_that_is_set_and_the_payload_says_by_how_much(double seconds)
    {
        Second(0.9f);
        Second(0.9f);
        _clock.SetWall(TimeSpan.FromSeconds(seconds));
        var first = Scores(Second(0.9f));
        var second = Scores(Second(0.9f));
        var last = Scores(Second(0));

        // The first decision after says so, those around it do not; a window is as long as before.
        Assert.Equal(seconds, first.GetProperty("reanchored_s").GetDouble());
        Assert.False(second.TryGetProperty("reanchored_s", out _));
        Assert.Equal(_clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0, last.GetProperty("end").GetDouble());
        Assert.Equal(2, last.GetProperty("end").GetDouble() - last.GetProperty("start").GetDouble());

        // The event began by the old clock and ends by the new one: same name, length as it was, start restated and said to be.
        var (start, end) = (Event(_events.First()), Event(_events.Last()));
        Assert.Equal((EventType.Start, EventType.End), (_events.First().Type, _events.Last().Type));
        Assert.False(start.TryGetProperty("reanchored_s", out _));
        Assert.Equal(seconds, end.GetProperty("reanchored_s").GetDouble());
        Assert.Equal(start.GetProperty("event_id").GetString(), end.GetProperty("event_id").GetString());
        Assert.Equal(seconds, end.GetProperty("start_time").GetDouble() - start.GetProperty("start_time").GetDouble(), 0.001);
        Assert.Equal(4, end.GetProperty("duration").GetDouble());
        Assert.Equal(4, end.GetProperty("end_time").GetDouble() - end.GetProperty("start_time").GetDouble(), 0.001);
    }

    [Fact]
    public void An_event_after_the_clock_was_set_has_nothing_to_restate()
    {
        _clock.SetWall(TimeSpan.FromHours(1));
        Second(0.9f);
        Second(0);
        Assert.Equal(2, _events.Count);
        Assert.All(_events, step => Assert.Null(step.Reanchored));
    }

    [Fact]
    public void A_correction_within_a_second_moves_no_start_that_was_told()
    {
        Second(0.9f);
        _clock.SetWall(TimeSpan.FromSeconds(0.5));
        Assert.Null(Second(0.9f).Reanchored);
        Second(0);
        Assert.Single(_events.Select(step => step.Start).Distinct());
    }

    [Fact]
    public void Summer_time_is_no_business_of_payloads()
    {
        // The last second before Central Europe's clocks go forward, and back again: payloads are in UTC.
        foreach (var hour in (DateTimeOffset[])[new(2026, 3, 29, 0, 59, 58, TimeSpan.Zero), new(2026, 10, 25, 0, 59, 58, TimeSpan.Zero)])
        {
            _clock.Advance(hour - _clock.GetUtcNow());
            for (var second = 0; second < 5; second++)
            {
                var decision = Second(0);
                Assert.Null(decision.Reanchored);
                Assert.Equal(hour + TimeSpan.FromSeconds(second + 1), decision.End);
            }
        }

        Assert.True(_clock.GetUtcNow() > _began);
    }

    [Fact]
    public void Event_times_never_go_back_while_a_stream_finds_out_how_late_it_is()
    {
        // The first frames had waited in the camera's buffers: later ones show that those were late, and so are these.
        var ends = ((double[])[0, 0, 2.5, 1.2, 0]).Select(late => Second(0, TimeSpan.FromSeconds(late)).End).ToList();
        Assert.Equal(ends.Order(), ends);
    }

    private Decision Second(float score, TimeSpan delay = default)
    {
        _clock.Advance(TimeSpan.FromSeconds(1));
        var now = _clock.GetTimestamp();
        var end = TimeSpan.FromSeconds(++_window);
        var time = new ClipTime(0, 0, _window, end - TimeSpan.FromSeconds(2), end, delay, now, now);
        return _stream.Update(
            new("front", _window, time, new(16, 0, default), [score, 0], "cpu", now, now), now, TimeSpan.Zero, _events)!.Value;
    }

    private JsonElement Scores(Decision decision) =>
        JsonDocument.Parse(_payloads.Scores(decision, 0, ModelIdentity.Of(Card))).RootElement.GetProperty("window");

    private JsonElement Event(ActionEvent step) => JsonDocument.Parse(_payloads.Event(step, "walk", 0, ModelIdentity.Of(Card))).RootElement;
}
