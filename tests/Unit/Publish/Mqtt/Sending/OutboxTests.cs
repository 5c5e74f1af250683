using System.Diagnostics.Metrics;
using System.Text;
using ActionStream.Publish.Mqtt;
using ActionStream.Publish.Mqtt.Messages;
using ActionStream.Publish.Mqtt.Sending;
using ActionStream.Unit.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.Unit.Publish.Mqtt.Sending;

public sealed class OutboxTests : IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly Dictionary<string, long> _dropped = [];
    private readonly Meter _metrics = new("test");
    private readonly MeterListener _listener = new();
    private readonly LinkMeter _meter;
    private readonly Outbox _outbox;

    public OutboxTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == _metrics && instrument.Name == "actionstream.mqtt.spool.dropped")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>(
            (_, count, tags, _) => _dropped[(string)tags[0].Value!] = _dropped.GetValueOrDefault((string)tags[0].Value!) + count);
        _listener.Start();
        var options = new SpoolOptions { Messages = 3, Bytes = 1000, Age = TimeSpan.FromHours(1) };
        _meter = new(_metrics, () => false, () => _outbox!.Spooled);
        _outbox = new(options, maxTransient: 2, new(options, "edge", _clock, NullLogger.Instance), _meter, _clock);
    }

    public void Dispose()
    {
        _outbox.Dispose();
        _listener.Dispose();
        _metrics.Dispose();
    }

    private void Retain(MessageKind kind, string text, string? topic = null) =>
        _outbox.PostRetained(kind, topic ?? kind.ToString(), Bytes(text));

    private void PostEvent(string text) => _outbox.PostEvent("events", Bytes($"{text} \"late\":false"), default);

    private void PostScores(string text) => _outbox.PostTransient(MessageKind.Scores, "scores", Bytes(text));

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private string[] Taken(int most = 100)
    {
        var batch = new List<OutboundMessage>();
        _outbox.Take(batch, most);
        return [.. batch.Select(Text)];
    }

    private static string Text(OutboundMessage message) => Encoding.UTF8.GetString(message.Payload.Span)
        .Replace(" \"late\":false", "", StringComparison.Ordinal).Replace("\"late\":true", "late", StringComparison.Ordinal);

    [Fact]
    public void On_connect_comes_status_then_info_cameras_states_and_then_the_spool()
    {
        PostEvent("event");
        Retain(MessageKind.State, "OFF");
        Retain(MessageKind.CameraStatus, "camera");
        Retain(MessageKind.NodeInfo, "info");
        Retain(MessageKind.NodeStatus, "online");

        Assert.Equal(["event late"], Taken());
        PostEvent("event");
        _outbox.Connected();
        Assert.Equal(["online", "info", "camera", "OFF", "event late"], Taken());
        Assert.Empty(Taken());
    }

    [Fact]
    public void While_connected_everything_leaves_in_the_order_it_was_posted()
    {
        _outbox.Connected();
        PostEvent("start");
        Retain(MessageKind.State, "ON");
        PostScores("scores");
        PostEvent("end");
        Assert.Equal(["start", "ON"], Taken(2));
        Retain(MessageKind.State, "OFF");
        Assert.Equal(["scores", "end", "OFF"], Taken());
    }

    [Fact]
    public void What_happens_after_a_connect_goes_ahead_of_states_that_nobody_changed_in_the_order_it_was_posted()
    {
        foreach (var topic in (string[])["a", "b", "c"])
        {
            Retain(MessageKind.State, $"{topic} ON", topic);
        }

        Retain(MessageKind.Setting, "0.5");
        Retain(MessageKind.CameraStatus, "connecting");
        Retain(MessageKind.NodeStatus, "node");
        _outbox.Connected();
        Assert.Equal(["node", "connecting", "a ON"], Taken(3));
        PostEvent("end");
        Retain(MessageKind.State, "c OFF", "c");
        PostScores("scores");
        Retain(MessageKind.CameraStatus, "offline");
        Assert.Equal(["end", "c OFF", "scores", "offline", "b ON", "0.5"], Taken()); // c is not ON any more
        Assert.Empty(Taken());
    }

    [Fact]
    public void Events_that_waited_come_behind_all_states_and_nothing_of_later_goes_ahead_of_them()
    {
        Retain(MessageKind.State, "a", topic: "a");
        Retain(MessageKind.State, "b", topic: "b");
        PostEvent("start");
        _outbox.Connected();
        Assert.Equal(["a"], Taken(1));
        PostEvent("end");
        Retain(MessageKind.State, "a OFF", topic: "a");
        Retain(MessageKind.CameraStatus, "offline");
        Assert.Equal(["b", "start late", "end", "a OFF", "offline"], Taken());
    }

    [Fact]
    public void Snapshots_wait_until_neither_state_nor_event_does_and_only_the_latest_of_a_topic_is_sent()
    {
        Retain(MessageKind.Snapshot, "first", topic: "a");
        PostEvent("event");
        Retain(MessageKind.State, "OFF");
        _outbox.Connected();
        Retain(MessageKind.Snapshot, "b", topic: "b");
        Retain(MessageKind.Snapshot, "second", topic: "a");
        PostEvent("next");
        Assert.Equal(["OFF", "event late", "next", "second", "b"], Taken());

        Retain(MessageKind.Snapshot, "third", topic: "a");
        _outbox.Withdraw(MessageKind.Setting, "a");
        Assert.Equal([""], Taken()); // it must not come behind its removal
    }

    [Fact]
    public void A_suspect_goes_alone()
    {
        PostEvent("a");
        PostEvent("b");
        _outbox.Connected();
        var batch = new List<OutboundMessage>();
        Assert.False(_outbox.Take(batch, 10));
        _outbox.Cut([.. batch.Select(SentMessage.Of)]);
        _outbox.TakeBack(batch);
        _outbox.Disconnected();
        _outbox.Connected();
        PostScores("scores");
        for (var i = 0; i < 2; i++)
        {
            batch.Clear();
            Assert.True(_outbox.Take(batch, 10));
            _outbox.Done(Assert.Single(batch));
        }

        Assert.Equal(["scores"], Taken());
    }

    [Fact]
    public void While_the_broker_is_away_only_the_latest_of_a_topic_counts()
    {
        Retain(MessageKind.State, "ON");
        Retain(MessageKind.State, "OFF");
        _outbox.Connected();
        Assert.Equal(["OFF"], Taken());
    }

    [Fact]
    public void While_connected_no_change_of_a_state_is_left_out_unless_the_broker_cannot_keep_up()
    {
        _outbox.Connected();
        foreach (var text in (string[])["1", "2", "3", "4", "5"])
        {
            Retain(MessageKind.State, text);
        }

        Retain(MessageKind.State, "x", topic: "other");
        Assert.Equal(["1", "2", "5", "x"], Taken());
    }

    [Fact]
    public void The_spool_drops_the_oldest_event_and_says_how_many()
    {
        for (var i = 0; i < 5; i++)
        {
            PostEvent($"{i}");
        }

        Assert.Equal(["2 late", "3 late", "4 late"], Taken());
        Assert.Equal(2, _dropped["count"]);
    }

    [Fact]
    public void The_spool_is_bounded_in_bytes_and_in_age_too()
    {
        PostEvent(new string('a', 600));
        PostEvent(new string('b', 600));
        Assert.Equal((1, 1), (_dropped["bytes"], _outbox.Spooled.Messages));
        _clock.Advance(TimeSpan.FromMinutes(59));
        PostEvent("c");
        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(["c late"], Taken());
        Assert.Equal(1, _dropped["age"]);
        Assert.Equal(0, _outbox.Spooled.Bytes);
    }

    [Fact]
    public void A_topic_that_is_taken_back_is_forgotten_once_the_broker_knows_and_not_before()
    {
        Retain(MessageKind.State, "ON", topic: "state");
        _outbox.Connected();
        Taken();
        Assert.True(_outbox.Holds("state"));
        Retain(MessageKind.State, "", topic: "state");
        Assert.False(_outbox.Holds("state"));
        Taken(); // and the connection breaks before the broker has it
        _outbox.Disconnected();
        _outbox.Connected();
        var batch = new List<OutboundMessage>();
        _outbox.Take(batch, 10);
        Assert.Equal("", Text(Assert.Single(batch)));
        _outbox.Done(batch[0]);
        _outbox.Disconnected();
        _outbox.Connected();
        Assert.Empty(Taken());
    }

    [Fact]
    public void Published_again_it_is_all_that_holds_and_not_twice_at_a_time()
    {
        Retain(MessageKind.State, "OFF");
        Retain(MessageKind.NodeStatus, "online");
        _outbox.Republish();
        _outbox.Connected();
        Taken();
        Retain(MessageKind.State, "ON");
        _outbox.Republish();
        _outbox.Republish();
        Assert.Equal(["ON", "online", "ON"], Taken());
        _outbox.Republish();
        Assert.Equal(["online", "ON"], Taken());
    }

    [Fact]
    public void What_is_published_again_holds_up_neither_events_nor_changes_and_keeps_what_is_known_of_it()
    {
        Retain(MessageKind.State, "OFF", topic: "a");
        Retain(MessageKind.State, "OFF", topic: "b");
        Retain(MessageKind.CameraStatus, "online");
        _outbox.Connected();
        var batch = new List<OutboundMessage>();
        _outbox.Take(batch, 100);
        (batch[1].IsSuspect, batch[1].Tries) = (true, 2);
        _outbox.Republish();
        PostEvent("start");
        Retain(MessageKind.State, "ON", topic: "b");
        Assert.Equal(["start", "ON", "online"], Taken());
        _outbox.Republish(); // the last time is still under way
        batch.Clear();
        Assert.True(_outbox.Take(batch, 100));
        Assert.Equal(("a", true, 2), (batch[0].Topic, batch[0].IsSuspect, batch[0].Tries));
        Assert.Equal(["ON"], Taken()); // for whoever did not know the topic before
        Assert.Empty(Taken());
    }

    [Fact]
    public void Scores_are_kept_only_while_connected_and_only_a_few()
    {
        PostScores("nobody there");
        Assert.Equal(1, _meter.DroppedScores);
        _outbox.Connected();
        PostScores("0");
        PostScores("1");
        Assert.Equal(1, _meter.DroppedScores);
        PostScores("2");
        Assert.Equal(2, _meter.DroppedScores);
        Assert.Equal(["1"], Taken(1));
        _outbox.Disconnected();
        Assert.Equal(3, _meter.DroppedScores);
        Assert.Empty(Taken());
    }

    [Fact]
    public void What_did_not_reach_the_broker_is_sent_again_first_and_as_late()
    {
        _outbox.Connected();
        foreach (var text in (string[])["a", "b", "c"])
        {
            PostEvent(text);
        }

        var batch = new List<OutboundMessage>();
        _outbox.Take(batch, 2);
        _outbox.Disconnected();
        _outbox.TakeBack(batch);
        Assert.Equal(0, _meter.DroppedEvents);
        _outbox.Connected();
        Assert.Equal(["a late", "b late", "c late"], Taken());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_happens_every_event_is_taken_once_or_counted_as_dropped_and_none_overtakes(int seed)
    {
        var random = new Random(seed);
        var (posted, taken) = (0, new List<int>());
        for (var i = 0; i < 2000; i++)
        {
            switch (random.Next(5))
            {
                case 0:
                    _outbox.Connected();
                    break;
                case 1:
                    _outbox.Disconnected();
                    break;
                case 2 or 3:
                    PostEvent($"{posted++}");
                    break;
                default:
                    var batch = new List<OutboundMessage>();
                    _outbox.Take(batch, random.Next(1, 4));
                    if (random.Next(3) == 0)
                    {
                        _outbox.TakeBack(batch);
                    }
                    else
                    {
                        taken.AddRange(batch.Select(message => int.Parse(
                            Encoding.UTF8.GetString(message.Payload.Span).Split(' ')[0],
                            System.Globalization.CultureInfo.InvariantCulture)));
                    }

                    break;
            }
        }

        Assert.Equal(posted, taken.Count + _meter.DroppedEvents + _outbox.Spooled.Messages);
        Assert.Equal(taken.Order(), taken);
        Assert.Equal(taken.Count, taken.Distinct().Count());
    }
}
