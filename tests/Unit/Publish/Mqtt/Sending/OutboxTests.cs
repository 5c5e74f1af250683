using System.Text;
using ActionStream.Publish.Mqtt;
using ActionStream.Publish.Mqtt.Messages;
using ActionStream.Publish.Mqtt.Sending;
using ActionStream.Unit.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.Unit.Publish.Mqtt.Sending;

public sealed class OutboxTests
{
    private readonly FakeClock _clock = new();
    private readonly Dictionary<SpoolDrop, int> _dropped = [];
    private readonly Outbox _outbox;

    public OutboxTests()
    {
        var options = new SpoolOptions { Messages = 3, Bytes = 1000, Age = TimeSpan.FromHours(1) };
        _outbox = new(
            new(options, new(options, "edge", _clock, NullLogger.Instance), _clock, (reason, count) => _dropped[reason] = _dropped.GetValueOrDefault(reason) + count),
            maxChanges: 3, maxScores: 2);
    }

    private int Dropped => _dropped.Values.Sum();

    private static OutboundMessage Message(MessageKind kind, string text, string? topic = null) =>
        new(kind, topic ?? kind.ToString(), Bytes(kind is MessageKind.Event ? $"{text} \"late\":false" : text));

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
        _outbox.AddEvent(Message(MessageKind.Event, "event"));
        _outbox.Retain(Message(MessageKind.State, "OFF"));
        _outbox.Retain(Message(MessageKind.CameraStatus, "camera"));
        _outbox.Retain(Message(MessageKind.NodeInfo, "info"));
        _outbox.Retain(Message(MessageKind.NodeStatus, "online"));

        Assert.Equal(["event late"], Taken());
        _outbox.AddEvent(Message(MessageKind.Event, "event"));
        _outbox.Connected();
        Assert.Equal(["online", "info", "camera", "OFF", "event late"], Taken());
        Assert.Empty(Taken());
    }

    [Fact]
    public void While_connected_everything_leaves_in_the_order_it_was_posted()
    {
        _outbox.Connected();
        _outbox.AddEvent(Message(MessageKind.Event, "start"));
        _outbox.Retain(Message(MessageKind.State, "ON"));
        _outbox.AddScores(Message(MessageKind.Scores, "scores"));
        _outbox.AddEvent(Message(MessageKind.Event, "end"));
        Assert.Equal(["start", "ON"], Taken(2));
        _outbox.Retain(Message(MessageKind.State, "OFF"));
        Assert.Equal(["scores", "end", "OFF"], Taken());
    }

    [Fact]
    public void While_the_broker_is_away_only_the_latest_of_a_topic_counts()
    {
        _outbox.Retain(Message(MessageKind.State, "ON"));
        _outbox.Retain(Message(MessageKind.State, "OFF"));
        _outbox.Connected();
        Assert.Equal(["OFF"], Taken());
    }

    [Fact]
    public void While_connected_no_change_of_a_state_is_left_out_unless_the_broker_cannot_keep_up()
    {
        _outbox.Connected();
        foreach (var text in (string[])["1", "2", "3", "4", "5"])
        {
            _outbox.Retain(Message(MessageKind.State, text));
        }

        _outbox.Retain(Message(MessageKind.State, "x", topic: "other"));
        Assert.Equal(["1", "2", "5", "x"], Taken());
    }

    [Fact]
    public void The_spool_drops_the_oldest_event_and_says_how_many()
    {
        for (var i = 0; i < 5; i++)
        {
            _outbox.AddEvent(Message(MessageKind.Event, $"{i}"));
        }

        Assert.Equal(["2 late", "3 late", "4 late"], Taken());
        Assert.Equal(2, _dropped[SpoolDrop.Count]);
    }

    [Fact]
    public void The_spool_is_bounded_in_bytes_and_in_age_too()
    {
        _outbox.AddEvent(Message(MessageKind.Event, new string('a', 600)));
        _outbox.AddEvent(Message(MessageKind.Event, new string('b', 600)));
        Assert.Equal((1, 1), (_dropped[SpoolDrop.Bytes], _outbox.Spooled));
        _clock.Advance(TimeSpan.FromMinutes(59));
        _outbox.AddEvent(Message(MessageKind.Event, "c"));
        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(["c late"], Taken());
        Assert.Equal(1, _dropped[SpoolDrop.Age]);
        Assert.Equal(0, _outbox.SpooledBytes);
    }

    [Fact]
    public void A_topic_that_is_taken_back_is_forgotten_once_the_broker_knows_and_not_before()
    {
        _outbox.Retain(Message(MessageKind.State, "ON", topic: "state"));
        _outbox.Connected();
        Taken();
        Assert.True(_outbox.Says("state"));
        _outbox.Retain(Message(MessageKind.State, "", topic: "state"));
        Assert.False(_outbox.Says("state"));
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
    public void Said_again_it_is_all_that_holds_and_not_twice_at_a_time()
    {
        _outbox.Retain(Message(MessageKind.State, "OFF"));
        _outbox.Retain(Message(MessageKind.NodeStatus, "online"));
        _outbox.Republish();
        _outbox.Connected();
        Taken();
        _outbox.Retain(Message(MessageKind.State, "ON"));
        _outbox.Republish();
        _outbox.Republish();
        Assert.Equal(["ON", "online", "ON"], Taken());
        _outbox.Republish();
        Assert.Equal(["online", "ON"], Taken());
    }

    [Fact]
    public void Scores_are_kept_only_while_connected_and_only_a_few()
    {
        Assert.Equal(1, _outbox.AddScores(Message(MessageKind.Scores, "nobody there")));
        _outbox.Connected();
        Assert.Equal([0, 0, 1], Enumerable.Range(0, 3).Select(i => _outbox.AddScores(Message(MessageKind.Scores, $"{i}"))));
        Assert.Equal(["1"], Taken(1));
        Assert.Equal(1, _outbox.Disconnected());
        Assert.Empty(Taken());
    }

    [Fact]
    public void What_did_not_reach_the_broker_is_said_again_first_and_as_late()
    {
        _outbox.Connected();
        foreach (var text in (string[])["a", "b", "c"])
        {
            _outbox.AddEvent(Message(MessageKind.Event, text));
        }

        var batch = new List<OutboundMessage>();
        _outbox.Take(batch, 2);
        _outbox.Disconnected();
        _outbox.TakeBack(batch);
        Assert.Equal(0, Dropped);
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
                    _outbox.AddEvent(Message(MessageKind.Event, $"{posted++}"));
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
                            Encoding.UTF8.GetString(message.Payload.Span).Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)));
                    }

                    break;
            }
        }

        Assert.Equal(posted, taken.Count + Dropped + _outbox.Spooled);
        Assert.Equal(taken.Order(), taken);
        Assert.Equal(taken.Count, taken.Distinct().Count());
    }
}
