using ActionStream.Publish.Mqtt.Messages;
using ActionStream.Publish.Mqtt.Sending;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Publish.Mqtt.Sending;

public sealed class CutWatchTests
{
    private readonly FakeClock _clock = new();
    private readonly CutWatch _watch;

    public CutWatchTests() => _watch = new(_clock);

    private static OutboundMessage Message(MessageKind kind, int bytes = 10, string topic = "t") => new(kind, topic, new byte[bytes]);

    private bool CutTwice(OutboundMessage message)
    {
        _watch.Cut([SentMessage.Of(message)]);
        _watch.Connected(null);
        _watch.Cut([SentMessage.Of(message)]);
        return _watch.Connected(null);
    }

    [Fact]
    public void Whatever_was_on_its_way_goes_alone_the_next_time_and_the_one_that_is_cut_again_is_set_aside()
    {
        var (good, bad) = (Message(MessageKind.Event), Message(MessageKind.Event, 100));
        _watch.Cut([SentMessage.Of(good), SentMessage.Of(bad)]);
        Assert.False(_watch.Connected(null));
        Assert.True(_watch.GoesAlone(good) && _watch.GoesAlone(bad));
        _watch.Delivered(good);
        Assert.False(_watch.GoesAlone(good));
        _watch.Cut([SentMessage.Of(bad)]);
        Assert.True(_watch.Connected(null));
        Assert.Equal((null, SetAsideReason.Cut), (_watch.ReasonAgainst(good), _watch.ReasonAgainst(bad)));
        Assert.Null(_watch.ReasonAgainst(Message(MessageKind.Event, 1000)));
    }

    [Fact]
    public void An_event_no_larger_than_others_that_the_broker_took_may_be_cut_by_a_bad_line_and_is_given_more_tries()
    {
        var (taken, unlucky) = (Message(MessageKind.Event, 1000), Message(MessageKind.Event, 1100));
        _watch.Delivered(taken);
        for (var i = 0; i < 4; i++)
        {
            _watch.Cut([SentMessage.Of(unlucky)]);
            Assert.False(_watch.Connected(null));
            Assert.Null(_watch.ReasonAgainst(unlucky));
            Assert.True(_watch.GoesAlone(unlucky));
        }

        _watch.Cut([SentMessage.Of(unlucky)]);
        Assert.True(_watch.Connected(null));
        Assert.Equal(SetAsideReason.Cut, _watch.ReasonAgainst(unlucky));
    }

    [Fact]
    public void What_was_written_and_not_acknowledged_says_nothing_of_what_the_broker_takes()
    {
        _watch.Delivered(Message(MessageKind.Snapshot, 5000));
        Assert.True(CutTwice(Message(MessageKind.Event, 1000)));
    }

    [Fact]
    public void Several_that_were_cut_twice_together_are_not_set_aside()
    {
        OutboundMessage[] both = [Message(MessageKind.Event), Message(MessageKind.Event)];
        for (var i = 0; i < 2; i++)
        {
            _watch.Cut([.. both.Select(SentMessage.Of)]);
            Assert.False(_watch.Connected(null));
        }

        Assert.All(both, message => Assert.Null(_watch.ReasonAgainst(message)));
    }

    [Fact]
    public void A_broker_that_was_away_meanwhile_went_for_reasons_of_its_own()
    {
        var message = Message(MessageKind.Event);
        for (var i = 0; i < 3; i++)
        {
            _watch.Cut([SentMessage.Of(message)]);
            _watch.Cut([]);
            Assert.False(_watch.Connected(null));
        }

        Assert.False(_watch.GoesAlone(message));
    }

    [Theory]
    [InlineData(MessageKind.Snapshot)]
    [InlineData(MessageKind.Scores)]
    public void Of_what_is_made_anew_all_the_time_those_as_large_are_set_aside_too_for_an_hour(MessageKind kind)
    {
        Assert.True(CutTwice(Message(kind, 100)));
        Assert.Equal(SetAsideReason.Cut, _watch.ReasonAgainst(Message(kind, 100)));
        Assert.Equal(SetAsideReason.Cut, _watch.ReasonAgainst(Message(kind, 1000)));
        Assert.Null(_watch.ReasonAgainst(Message(kind, 99)));
        Assert.Null(_watch.ReasonAgainst(Message(MessageKind.State, 1000)));
        _clock.Advance(CutWatch.Pause);
        var again = Message(kind, 100);
        Assert.Null(_watch.ReasonAgainst(again));
        Assert.True(_watch.GoesAlone(again));
        _watch.Delivered(again);
        Assert.False(_watch.GoesAlone(Message(kind, 100)));
    }

    [Fact]
    public void What_the_broker_says_that_it_does_not_take_is_not_tried()
    {
        _watch.Connected(100);
        Assert.Equal(SetAsideReason.TooLarge, _watch.ReasonAgainst(Message(MessageKind.Event, 100)));
        Assert.Null(_watch.ReasonAgainst(Message(MessageKind.Event, 80)));
        _watch.Connected(null);
        Assert.Null(_watch.ReasonAgainst(Message(MessageKind.Event, 100)));
    }
}
