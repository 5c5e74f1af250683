using ActionStream.Core.Media;
using ActionStream.Ingest.Decoding;
using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Packets.Gating;
using ActionStream.Ingest.Packets.Pictures;
using ActionStream.Ingest.Windowing;

namespace ActionStream.Unit.Ingest.Decoding;

/// <summary>A camera of ten pictures a second, with a key picture each second, and a gate that is asleep when it is told.</summary>
public sealed class PacketSwitchTests : IDisposable, IGate, IPictureReader, ISleepObserver
{
    private static readonly TimeSpan D = TimeSpan.FromMilliseconds(125);
    private static readonly TimeSpan Reach = TimeSpan.FromSeconds(1.5);

    private readonly PacketRing _ring = new(TimeSpan.FromMinutes(1), 1_000_000);
    private readonly DecoderFeed _feed;
    private readonly PacketSwitch _switch;
    private readonly List<double> _told = [];
    private bool _isAsleep;
    private bool _isBeat;
    private double? _since;
    private bool _isClean = true;
    private Exception? _broken;

    public PacketSwitchTests()
    {
        _feed = new(_ring, D, TimeSpan.FromHours(1));
        _switch = new(_ring, _feed, this, this, D, Reach, () => WakeReasons.Motion, new(this, Reach));
    }

    public void Dispose() => _ring.Dispose();

    [Fact]
    public void Nothing_is_decoded_and_nobody_is_asked_before_the_first_key_picture()
    {
        Send(0.7, 1.2);

        Assert.True(_switch.HasBegun);
        Assert.Equal([1, 1.1], Decoded(), Near);
        Assert.Equal([1, 1.1], _told, Near);
    }

    [Fact]
    public void Awake_everything_is_decoded()
    {
        Send(0, 3);

        Assert.Equal(30, Decoded().Count);
    }

    [Fact]
    public void Waking_begins_with_the_last_clean_start_before_what_woke_it_less_its_reach()
    {
        Send(0, 1);
        Sleep(1, 8, beats: [5]);
        _since = 7.2;
        Wake(8, 9);

        var fed = Fed();

        Assert.Equal([.. Tenths(0, 1), 5, .. Tenths(5, 9)], fed.Select(one => one.At), Near); // 7.2 less 1.5, back to the start before
        var span = fed[^1].Span;
        Assert.True(span is { EndsSleep: true, IsHeartbeat: false });
        Assert.Equal(TimeGrid.EndOfSlot(TimeSpan.FromSeconds(5), D), span.After);
        Assert.True(fed[10].Span.IsHeartbeat);
        Assert.Single(fed, one => one.Span.IsHeartbeat);
    }

    [Fact]
    public void What_woke_it_is_the_packet_itself_where_the_gate_does_not_say()
    {
        Send(0, 1);
        Sleep(1, 8, beats: [5]);
        Wake(8.7, 9);

        Assert.Equal(7, Fed().First(one => one.Span.EndsSleep).At, 1e-6);
    }

    [Fact]
    public void Waking_before_anything_was_left_out_goes_on_without_an_end()
    {
        Send(0, 1);
        Sleep(1, 3, beats: []);
        Wake(3, 4);

        var fed = Fed();

        Assert.Equal(Tenths(0, 4), fed.Select(one => one.At), Near);
        Assert.All(fed, one => Assert.False(one.Span.EndsSleep));
    }

    [Fact]
    public void Without_a_clean_start_in_reach_it_waits_for_the_next()
    {
        var woken = SpansOfFewPackets(from: 1.7, to: 2.3);

        Assert.Equal((2, TimeGrid.EndOfSlot(TimeSpan.FromSeconds(2), D)), (woken[0].At, woken[0].Span.After));
    }

    [Fact]
    public void Asleep_again_before_that_it_waits_no_more() => Assert.Empty(SpansOfFewPackets(from: 1.7, to: 1.9));

    // Of a ring that holds five packets: a key picture each second, and awake at first and from one time to another.
    private List<(double At, DecodedSpan Span)> SpansOfFewPackets(double from, double to)
    {
        using var ring = new PacketRing(Reach, 500);
        var feed = new DecoderFeed(ring, D, TimeSpan.FromHours(1));
        var packets = new PacketSwitch(ring, feed, this, null, D, Reach, () => WakeReasons.None, new(this, Reach));
        foreach (var at in Tenths(0, 2.3))
        {
            _isAsleep = at > 0.05 && (at < from - 0.05 || at > to - 0.05);
            _isBeat = Near(at, 1);
            packets.Take(Packet(at));
        }

        feed.Complete();
        return [.. AllOf(feed).Where(one => one.Span.EndsSleep)];
    }

    [Fact]
    public void Key_pictures_are_starts_until_a_clean_one_comes_and_then_those_alone()
    {
        _isClean = false;
        Send(0, 2);
        Assert.Equal(10, _ring.NewestStart());
        _isClean = true;
        Send(2, 3);
        Assert.Equal(20, _ring.NewestStart());
        _isClean = false;
        Send(3, 5);

        Assert.Equal(20, _ring.NewestStart());
    }

    [Fact]
    public void A_picture_that_cannot_be_read_is_told_as_such()
    {
        _broken = new NotSupportedException();
        Send(0, 0.1);

        Assert.Single(_told);
        Assert.Single(Decoded());
    }

    [Fact]
    public void A_packet_that_the_gate_throws_at_is_given_back()
    {
        _broken = new InvalidOperationException();
        var packet = Packet(0);

        Assert.Throws<InvalidOperationException>(() => _switch.Take(packet));

        Assert.Throws<ObjectDisposedException>(() => packet.Bytes.Length);
        Assert.Equal(0, _ring.Bytes);
    }

    GateStep IGate.Take(in CodedPicture picture, WakeReasons votes)
    {
        _told.Add(picture.Presentation.TotalSeconds);
        Assert.Equal(_broken is null && votes != WakeReasons.None, picture.Picture is not null);
        return _broken is InvalidOperationException ? throw _broken
            : _isAsleep ? new(WakeReasons.None, _isBeat, null)
            : new(WakeReasons.Motion, false, _since is { } at ? TimeSpan.FromSeconds(at) : null);
    }

    void IGate.Look(ReadOnlySpan<byte> pixels, FrameSize size, TimeSpan presentation, bool isHeartbeat)
    {
    }

    bool IPictureReader.TryRead(ReadOnlySpan<byte> packet, out Picture picture)
    {
        picture = new(PictureType.Intra, 20, _isClean);
        return _broken is null;
    }

    void ISleepObserver.Gated(WakeReasons reasons)
    {
    }

    void ISleepObserver.Slept(TimeSpan time)
    {
    }

    void ISleepObserver.NotDecoded(TimeSpan time)
    {
    }

    void ISleepObserver.DecodesHeartbeat()
    {
    }

    private static Packet Packet(double at) =>
        new(100) { Presentation = TimeSpan.FromTicks((long)Math.Round(at * 1e7)), IsKey = Math.Abs(at - Math.Round(at)) < 1e-6 };

    private static IEnumerable<double> Tenths(double from, double to) =>
        Enumerable.Range(0, (int)Math.Round((to - from) * 10)).Select(i => from + i / 10d);

    private static bool Near(double one, double other) => Math.Abs(one - other) < 1e-6;

    private void Send(double from, double to)
    {
        foreach (var at in Tenths(from, to))
        {
            _switch.Take(Packet(at));
        }
    }

    private void Sleep(double from, double to, double[] beats)
    {
        foreach (var at in Tenths(from, to))
        {
            (_isAsleep, _isBeat) = (true, beats.Any(beat => Near(beat, at)));
            _switch.Take(Packet(at));
        }

        (_isAsleep, _isBeat) = (false, false);
    }

    private void Wake(double from, double to) => Send(from, to);

    private List<double> Decoded() => [.. Fed().Select(one => one.At)];

    private List<(double At, DecodedSpan Span)> Fed()
    {
        _feed.Complete();
        return AllOf(_feed);
    }

    private static List<(double At, DecodedSpan Span)> AllOf(DecoderFeed feed)
    {
        var fed = new List<(double, DecodedSpan)>();
        while (feed.TryTake(() => true, out var next))
        {
            next.Packet.Dispose();
            var picture = feed.CameOut(next.At)!.Value;
            fed.Add((picture.Presentation.TotalSeconds, picture.Span));
        }

        return fed;
    }
}
