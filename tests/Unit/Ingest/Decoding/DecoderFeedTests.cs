using ActionStream.Ingest.Decoding;
using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Windowing;

namespace ActionStream.Unit.Ingest.Decoding;

public sealed class DecoderFeedTests : IDisposable
{
    private static readonly TimeSpan D = TimeSpan.FromMilliseconds(125);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly PacketRing _ring = new(TimeSpan.FromSeconds(5), 1_000_000);
    private DecoderFeed _feed;

    public DecoderFeedTests() => _feed = new(_ring, D, Patience);

    public void Dispose() => _ring.Dispose();

    [Fact]
    public void What_is_wanted_comes_in_the_order_of_the_stream_with_its_own_times()
    {
        Arrive(0, isKey: true);
        _feed.Begin(new(0));
        Arrive(0.12, 0.04, 0.08);

        var taken = Rest();

        Assert.Equal([0, 0.12, 0.04, 0.08], taken.Select(next => next.Presentation));
        Assert.Equal(taken.Select(next => next.Presentation), taken.Select(next => next.At));
        Assert.Equal([true, false, false, false], taken.Select(next => next.IsBreak));
    }

    [Fact]
    public void Packets_before_the_first_that_is_wanted_and_after_the_last_are_not_decoded()
    {
        Group(0, 10);
        Group(1, 10);
        _feed.Begin(new(10));
        _feed.End(15);

        Assert.Equal([1, 1.1, 1.2, 1.3, 1.4], Rest().Select(next => next.Presentation));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.35)]
    [InlineData(1.9)]
    public void Going_back_moves_times_forward_by_whole_intervals_and_never_runs_back(double back)
    {
        Group(0, 10);
        Group(1, 10);
        Group(2, 10);
        _feed.Begin(new(0));
        _feed.End(25);
        var first = Take(25);
        var start = Group(2.5 - back, 10);
        _feed.Begin(new(start) { EndsSleep = true });

        var second = Rest();

        Assert.Equal(2.5 - back, second[0].Presentation, 1e-9);
        Assert.True(second[0].At > first[^1].At, $"{second[0].At} after {first[^1].At}");
        Assert.InRange(second[0].At - first[^1].At, 1e-7, Math.Max(0.125, 0.1 - back) + 1e-7);
        Assert.All(second, next => Assert.Equal(0, Ticks(next.At - next.Presentation) % D.Ticks));
        Assert.Equal(second.Select(next => next.At - second[0].At), second.Select(next => next.Presentation - second[0].Presentation), Near);
    }

    [Fact]
    public void Pictures_that_are_shown_before_the_one_that_decoding_began_with_are_left_away()
    {
        var start = Arrive(1, isKey: true);
        _feed.Begin(new(start));
        Arrive(0.92, 0.96, 1.04);

        Assert.Equal([1, 1.04], Rest().Select(next => next.Presentation));
        Assert.Equal(0, _feed.LeftOut);
    }

    [Fact]
    public void A_camera_that_wakes_before_anything_else_was_decoded_goes_on_without_a_break()
    {
        Group(0, 5);
        _feed.Begin(new(0));
        _feed.End(5);
        Take(5);
        WaitAsIfForever();
        Arrive(0.5, 0.6);

        Assert.True(_feed.TryGoOn());

        var rest = Rest();
        Assert.Equal([0.5, 0.6], rest.Select(next => next.Presentation));
        Assert.Equal([0.5, 0.6], rest.Select(next => next.At));
        Assert.All(rest, next => Assert.False(next.IsBreak));
    }

    [Fact]
    public void A_packet_that_was_taken_before_it_was_told_to_be_the_end_is_not_taken_twice()
    {
        Group(0, 5);
        _feed.Begin(new(0));
        Take(5);
        _feed.End(4); // of a packet that is in the ring already
        WaitAsIfForever();
        Arrive(0.5, 0.6);

        Assert.True(_feed.TryGoOn());

        Assert.Equal([(0.5, 0.5, false), (0.6, 0.6, false)], Rest());
    }

    [Fact]
    public void A_span_that_ended_before_it_began_goes_on_at_its_beginning()
    {
        Group(0, 1);
        _feed.Begin(new(0));
        _feed.End(0);
        WaitAsIfForever();
        Arrive(0.1);

        Assert.True(_feed.TryGoOn());

        Assert.Equal([(0, 0, true), (0.1, 0.1, false)], Rest());
    }

    [Fact]
    public void After_a_heartbeat_or_once_packets_are_gone_nothing_goes_on()
    {
        Group(0, 5);
        _feed.Begin(new(0));
        _feed.End(5);
        Take(5);
        for (var second = 1; second < 20; second++)
        {
            Group(second, 1);
        }

        Assert.False(_feed.TryGoOn()); // gone

        _feed = new(_ring, D, Patience);
        _feed.Begin(new(_ring.Next - 1));
        _feed.End(_ring.Next);
        _feed.Beat(Group(20, 1));
        Assert.False(_feed.TryGoOn());
    }

    [Fact]
    public void Of_two_heartbeats_that_wait_the_newer_one_is_decoded()
    {
        Group(0, 1);
        _feed.Begin(new(0));
        _feed.End(1);
        _feed.Beat(Group(2, 1));
        _feed.Beat(Group(4, 1));

        Assert.Equal([0, 4], Rest().Select(next => next.Presentation));
        Assert.Equal(0, _feed.LeftOut);
    }

    [Fact]
    public void A_heartbeat_that_was_taken_is_followed_by_the_next()
    {
        _feed.Beat(Group(0, 1));
        Take(1);
        _feed.Beat(Group(2, 1));

        Assert.Equal([2], Rest().Select(next => next.Presentation));
    }

    [Fact]
    public void A_heartbeat_comes_in_a_slot_of_its_own_so_that_thinning_lets_it_through()
    {
        Group(0, 5);
        _feed.Begin(new(0));
        _feed.End(5);
        Take(5);
        _feed.Beat(Arrive(0.44, isKey: true));

        var beat = Assert.Single(Rest());

        Assert.Equal(0.44 + 0.125, beat.At, 1e-9);
        Assert.True(beat.At - 0.4 >= 0.125, "thinning takes a frame that is as far behind the last as slots are apart");
    }

    [Fact]
    public void A_decoder_that_falls_behind_goes_on_with_the_newest_clean_start_and_the_rest_is_counted()
    {
        Group(0, 10);
        _feed.Begin(new(0));
        Take(3);
        for (var second = 1; second < 5; second++)
        {
            Group(second, 10);
        }

        var rest = Rest();

        Assert.Equal(4, rest[0].Presentation);
        Assert.True(rest[0].IsBreak);
        Assert.Equal(10, rest.Count);
        Assert.Equal(37, _feed.LeftOut);
    }

    [Fact]
    public void What_a_span_begins_behind_is_no_falling_behind()
    {
        for (var second = 0; second < 5; second++)
        {
            Group(second, 10);
        }

        _feed.Begin(new(0)); // woken: five seconds back

        Assert.Equal(50, Rest().Count);
        Assert.Equal(0, _feed.LeftOut);
    }

    [Fact]
    public void Packets_that_are_gone_are_counted_and_so_is_what_nobody_can_decode_without_them()
    {
        using var small = new PacketRing(TimeSpan.FromSeconds(5), 400); // four packets
        _feed = new(small, D, Patience);
        _feed.Begin(new(small.Add(Packet(0, isKey: true), isStart: true)));
        for (var i = 1; i < 10; i++)
        {
            small.Add(Packet(i / 10d, isKey: false), isStart: false);
        }

        _feed.Arrived(9, TimeSpan.FromSeconds(0.9));
        WaitAsIfForever();
        Assert.Equal(10, _feed.LeftOut);
        small.Add(Packet(1, isKey: false), isStart: false);
        small.Add(Packet(1.1, isKey: true), isStart: true);
        small.Add(Packet(1.05, isKey: false), isStart: false); // shown before it: needs what is gone
        small.Add(Packet(1.2, isKey: false), isStart: false);
        _feed.Arrived(13, TimeSpan.FromSeconds(1.2));

        Assert.Equal([(1.1, 1.1, true), (1.2, 1.2, false)], Rest());
        Assert.Equal(11, _feed.LeftOut);
    }

    [Fact]
    public void A_new_decoder_begins_with_the_last_clean_start_before_what_is_known_and_gives_nothing_twice()
    {
        Group(0, 10);
        Group(1, 10);
        var span = new DecodedSpan(0);
        _feed.Begin(span);
        Take(15);

        ComesOut(1.3);
        _feed.StartOver();

        var rest = Rest();
        Assert.Equal((1, 1, true), rest[0]);
        Assert.Equal(1.9, rest[^1].Presentation, 1e-9);
        Assert.Equal(TimeSpan.FromSeconds(1.3), span.After);
    }

    [Theory]
    [InlineData(1, 0)] // too near to the start for its slot to be sure
    [InlineData(1.1, 0)]
    [InlineData(1.2, 1)]
    public void A_new_decoder_begins_a_slot_or_more_before_what_is_known(double known, double expected)
    {
        Group(0, 10);
        Group(1, 10);
        var span = new DecodedSpan(0);
        _feed.Begin(span);
        Take(15);

        ComesOut(known);
        _feed.StartOver();

        Assert.Equal(expected, Rest()[0].Presentation);
    }

    [Fact]
    public void The_time_of_a_new_decoder_goes_on_as_that_of_the_old_one()
    {
        Group(0, 10);
        _feed.Begin(new(0));
        _feed.End(10);
        Take(10);
        var span = new DecodedSpan(0) { EndsSleep = true };
        _feed.Begin(span);
        var old = Take(1)[0];
        Assert.True(old.At > 0.9);
        ComesOut(old.At);

        _feed.StartOver();

        Assert.Equal(old, Rest()[0]);
    }

    [Fact]
    public void A_new_decoder_is_not_taken_back_through_a_sleep()
    {
        var before = new DecodedSpan(Group(0, 10));
        _feed.Begin(before);
        _feed.End(10);
        Take(10);
        Group(1, 10);
        var after = new DecodedSpan(Group(2, 10)) { EndsSleep = true, After = TimeSpan.FromSeconds(2.06) };
        _feed.Begin(after);
        Take(5);
        ComesOut(0.9);

        _feed.StartOver();

        Assert.Equal([.. Tenths(0, 1), .. Tenths(2, 3)], Rest().Select(next => next.Presentation), Near);
        Assert.Equal((At(0.9), At(2.06)), (before.After, after.After));
    }

    [Fact]
    public void A_new_decoder_gets_the_end_of_what_was_decoded_last_again_and_goes_on_from_there()
    {
        Group(0, 10);
        Group(1, 10);
        var span = new DecodedSpan(0);
        _feed.Begin(span);
        _feed.End(20);
        Take(20);
        WaitAsIfForever();

        ComesOut(1.7);
        _feed.StartOver(); // two frames are lost with the old one
        Assert.Equal((1, 1, true), Take(10)[0]);
        WaitAsIfForever();
        Arrive(2, 2.1);
        Assert.True(_feed.TryGoOn());

        Assert.Equal([(2, 2, false), (2.1, 2.1, false)], Rest());
    }

    [Fact]
    public void A_decoder_that_died_before_its_first_frame_is_followed_by_one_that_begins_where_it_began()
    {
        Group(0, 5);
        var span = new DecodedSpan(0);
        _feed.Begin(span);
        _feed.End(5);
        Take(5);
        WaitAsIfForever();
        Arrive(0.5);
        Assert.True(_feed.TryGoOn());
        Take(1);

        _feed.StartOver();

        Assert.Equal((0, 0, true), Rest()[0]);
        Assert.Null(span.After);
    }

    [Theory]
    [InlineData(false, 0, new[] { 2d })] // the heartbeat waits
    [InlineData(true, 0, new[] { 2d })] // it is in the decoder
    [InlineData(true, 0, new[] { 4d }, 4d)] // and another one waits: nobody needs the older one
    [InlineData(true, 1, new[] { 4d }, 4d)] // and another one is in the decoder
    public void What_had_not_come_out_when_its_camera_fell_asleep_comes_out_of_a_new_decoder_and_then_the_heartbeat(
        bool isGiven, int more, double[] expected, params double[] beats)
    {
        var span = AsleepAfter(1.3);
        _feed.Beat(Group(2, 1));
        Take(isGiven ? 1 : 0);
        foreach (var beat in beats)
        {
            _feed.Beat(Group(beat, 1));
        }

        Take(more);

        _feed.StartOver();

        Assert.Equal([.. Tenths(1, 2), .. expected], Rest().Select(next => next.Presentation), Near);
        Assert.Equal((At(1.3), 0), (span.After, _feed.LeftOut));
    }

    [Fact]
    public void A_heartbeat_that_has_come_out_says_that_everything_before_it_has()
    {
        AsleepAfter(1.3);
        _feed.Beat(Group(2, 1));
        var beat = Take(1)[0];
        ComesOut(beat.At);

        _feed.StartOver();

        Assert.Empty(Rest());
    }

    [Fact]
    public void A_new_decoder_gets_heartbeats_of_a_sleep_whose_first_one_has_come_out()
    {
        AsleepAfter(1.3);
        _feed.Beat(Group(2, 1));
        ComesOut(Take(1)[0].At);
        _feed.Beat(Group(4, 1));
        Take(1);

        _feed.StartOver();
        Assert.Equal((4, 4 + 0.125, true), Take(1)[0]); // the first one had a slot of its own
        _feed.Beat(Group(6, 1));
        _feed.Beat(Group(8, 1));

        Assert.Equal([8], Rest().Select(next => next.Presentation));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)] // the heartbeat is in the decoder
    [InlineData(4)] // and so is the beginning of the waking
    [InlineData(11)] // and so is its end
    public void A_camera_that_is_awake_again_gets_everything_that_has_not_come_out_in_its_order(int taken)
    {
        AsleepAfter(1.3);
        _feed.Beat(Group(2, 1));
        var waking = new DecodedSpan(Group(3, 10)) { EndsSleep = true, After = At(3.06) };
        _feed.Begin(waking);
        _feed.End(_ring.Next);
        Take(taken);

        _feed.StartOver();

        var again = Rest();
        Assert.Equal([.. Tenths(1, 2), 2, .. Tenths(3, 4)], again.Select(next => next.Presentation), Near);
        Assert.Equal([1, 2, 3], again.Where(next => next.IsBreak).Select(next => next.Presentation));
        Assert.Equal(At(3.06), waking.After);
    }

    [Fact]
    public void A_frame_of_a_waking_says_that_everything_before_it_has_come_out()
    {
        AsleepAfter(1.3);
        _feed.Beat(Group(2, 1));
        Take(1);
        var waking = new DecodedSpan(Group(3, 10)) { EndsSleep = true, After = At(3.06) };
        _feed.Begin(waking);
        ComesOut(Take(5)[0].At);

        _feed.StartOver();

        Assert.Equal(Tenths(3, 4), Rest().Select(next => next.Presentation), Near);
        Assert.Equal(At(3.06), waking.After); // as far as that its slot may be another frame's
    }

    [Fact]
    public void A_decoder_that_dies_while_it_makes_up_for_another_is_made_up_for_as_well()
    {
        var span = AsleepAfter(1.3);
        _feed.Beat(Group(2, 1));
        Take(1);
        _feed.StartOver();
        ComesOut(Take(5)[2].At); // again, and nobody gets it

        _feed.StartOver();

        Assert.Equal([.. Tenths(1, 2), 2], Rest().Select(next => next.Presentation), Near);
        Assert.Equal(At(1.3), span.After);
    }

    [Fact]
    public void What_is_gone_from_the_ring_before_a_new_decoder_can_have_it_is_counted()
    {
        AsleepAfter(1.3);
        _feed.Beat(Group(2, 1));
        Take(1);
        for (var second = 3; second < 12; second++)
        {
            Group(second, 1);
        }

        _feed.StartOver();

        Assert.Empty(Rest());
        Assert.Equal(6 + 1, _feed.LeftOut); // 1.4 to 1.9, and the heartbeat
    }

    // Two seconds, given to the decoder, of which everything came out up to a place.
    private DecodedSpan AsleepAfter(double known)
    {
        Group(0, 10);
        Group(1, 10);
        var span = new DecodedSpan(0);
        _feed.Begin(span);
        _feed.End(20);
        Take(20);
        WaitAsIfForever();
        ComesOut(known);
        return span;
    }

    private void ComesOut(double at) => Assert.NotNull(_feed.CameOut(At(at)));

    private static TimeSpan At(double seconds) => TimeSpan.FromTicks(Ticks(seconds));

    private static IEnumerable<double> Tenths(double from, double to) =>
        Enumerable.Range(0, (int)Math.Round((to - from) * 10)).Select(i => from + i / 10d);

    [Fact]
    public async Task Complete_ends_the_wait_once_everything_is_taken()
    {
        Group(0, 3);
        _feed.Begin(new(0));
        _feed.Complete();
        Take(3);

        Assert.False(await Task.Run(() => _feed.TryTake(() => true, out _)).WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task Whoever_waits_leaves_when_it_is_told_that_nothing_is_wanted_of_it()
    {
        var isWanted = true;
        using var asked = new ManualResetEventSlim();
        var taking = Task.Run(() => _feed.TryTake(() => Ask(asked) && Volatile.Read(ref isWanted), out _));
        asked.Wait(TimeSpan.FromSeconds(10));

        Volatile.Write(ref isWanted, false);
        _feed.Stir();

        Assert.False(await taking.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task Where_nothing_may_be_left_out_whoever_reads_waits_for_the_decoder()
    {
        _feed = new(_ring, D, patience: null);
        _ring.Add(Packet(0, isKey: true), isStart: true);
        _feed.Begin(new(0));
        _feed.Arrived(0, TimeSpan.Zero);
        var added = 1;
        var reading = Task.Run(() =>
        {
            for (; added < 200; added++)
            {
                _ring.Add(Packet(added * 0.001, isKey: false), isStart: false);
                _feed.Arrived(added, TimeSpan.FromSeconds(added * 0.001));
            }

            _feed.Complete();
        });

        var taken = 0;
        for (; Take(ref taken);)
        {
            Assert.InRange(_ring.Next - taken, 0, 66);
        }

        await reading.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal((200, 0), (taken, _feed.LeftOut));
    }

    [Fact]
    public async Task Whoever_waits_for_a_decoder_that_will_take_no_more_is_let_go()
    {
        _feed = new(_ring, D, patience: null);
        for (var i = 0; i < 100; i++)
        {
            _ring.Add(Packet(i * 0.001, isKey: i == 0), isStart: i == 0);
        }

        _feed.Begin(new(0));
        var waiting = Task.Run(() => _feed.Arrived(99, TimeSpan.FromSeconds(0.1)));

        _feed.Complete();

        await waiting.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData(25)]
    [InlineData(10)]
    [InlineData(30)]
    public void Where_all_pictures_are_keys_only_those_that_the_grid_takes_are_decoded(int rate)
    {
        _feed.IsAllKeys = true;
        var all = Enumerable.Range(0, 4 * rate).Select(number => Math.Round(number / (double)rate, 6)).ToArray();
        foreach (var at in all)
        {
            Arrive(at, isKey: true);
        }

        _feed.Begin(new(0));
        _feed.End(2 * rate);
        var first = Rest();
        _feed.Begin(new(3 * rate) { IsHeartbeat = true, To = (3 * rate) + 1 });
        var heartbeat = Rest();
        _feed.Begin(new(rate + 3) { EndsSleep = true });
        var second = Rest();

        Assert.Equal(Slots(all[..(2 * rate)]), first.Select(next => next.Presentation));
        Assert.Equal([all[3 * rate]], heartbeat.Select(next => next.Presentation));
        Assert.Equal(Slots(all[(rate + 3)..]), second.Select(next => next.Presentation));
        Assert.Equal(0, _feed.LeftOut);

        static IEnumerable<double> Slots(double[] all)
        {
            var grid = new TimeGrid(D, D);
            return [.. all.Where(at => grid.Place(TimeSpan.FromSeconds(at)).Verdict != GridVerdict.Duplicate)];
        }
    }

    private bool Take(ref int taken)
    {
        if (!_feed.TryTake(() => true, out var next))
        {
            return false;
        }

        next.Packet.Dispose();
        taken++;
        return true;
    }

    private static bool Ask(ManualResetEventSlim asked)
    {
        asked.Set();
        return true;
    }

    private static long Ticks(double seconds) => (long)Math.Round(seconds * TimeSpan.TicksPerSecond);

    private static bool Near(double one, double other) => Math.Abs(one - other) < 1e-6;

    private static Packet Packet(double at, bool isKey) =>
        new(100) { Presentation = TimeSpan.FromTicks(Ticks(at)), IsKey = isKey };

    // A key picture and others behind it, a tenth of a second apart.
    private long Group(double from, int count)
    {
        var first = Arrive(from, isKey: true);
        for (var i = 1; i < count; i++)
        {
            Arrive(from + i / 10d);
        }

        return first;
    }

    private long Arrive(double at, bool isKey)
    {
        var number = _ring.Add(Packet(at, isKey), isKey);
        _feed.Arrived(number, TimeSpan.FromSeconds(at));
        return number;
    }

    private void Arrive(params double[] at)
    {
        foreach (var one in at)
        {
            Arrive(one, isKey: false);
        }
    }

    // As a decoder that has taken everything: it looks for more, and there is none.
    private void WaitAsIfForever()
    {
        using var asked = new ManualResetEventSlim();
        var isWanted = true;
        var taking = Task.Run(() => _feed.TryTake(() => Ask(asked) && Volatile.Read(ref isWanted), out _));
        Assert.True(asked.Wait(TimeSpan.FromSeconds(10)));
        Volatile.Write(ref isWanted, false);
        _feed.Stir(); // by now it waits, or the lock is its own
        Assert.False(taking.WaitAsync(TimeSpan.FromSeconds(10)).GetAwaiter().GetResult());
    }

    private List<(double Presentation, double At, bool IsBreak)> Take(int count)
    {
        var taken = new List<(double, double, bool)>();
        Task.Run(() =>
        {
            for (var i = 0; i < count; i++)
            {
                Assert.True(_feed.TryTake(() => true, out var next));
                taken.Add(Seen(next));
            }
        }).WaitAsync(TimeSpan.FromSeconds(10)).GetAwaiter().GetResult();
        return taken;
    }

    private List<(double Presentation, double At, bool IsBreak)> Rest()
    {
        _feed.Complete();
        return All(_feed);
    }

    private static List<(double Presentation, double At, bool IsBreak)> All(DecoderFeed feed)
    {
        var taken = new List<(double, double, bool)>();
        while (feed.TryTake(() => true, out var next))
        {
            taken.Add(Seen(next));
        }

        return taken;
    }

    private static (double Presentation, double At, bool IsBreak) Seen(NextPacket next)
    {
        using var packet = next.Packet;
        return (packet.Presentation.TotalSeconds, next.At.TotalSeconds, next.IsBreak);
    }
}
