using ActionStream.Ingest.Decoding;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Ingest.Decoding;

public sealed class DecoderWatchTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly FakeClock _clock = new();
    private readonly DecoderWatch _watch;

    public DecoderWatchTests() => _watch = new(Patience, _clock);

    [Fact]
    public void One_that_takes_a_packet_for_longer_than_patience_hangs()
    {
        _watch.Writes(isBegin: true);
        _clock.Advance(Patience);
        Assert.False(_watch.IsHung());
        _clock.Advance(Tick);
        Assert.True(_watch.IsHung());

        _watch.Writes(isBegin: false);
        Assert.False(_watch.IsHung()); // it took it after all
    }

    [Theory]
    [InlineData(23, false)]
    [InlineData(24, true)]
    public void One_that_takes_many_packets_and_gives_nothing_hangs(int packets, bool expected)
    {
        Take(packets);
        _clock.Advance(Patience + Tick);

        Assert.Equal(expected, _watch.IsHung());
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void One_that_takes_three_heartbeats_and_gives_nothing_hangs(int heartbeats, bool expected)
    {
        for (var i = 0; i < heartbeats; i++)
        {
            _watch.Writes(isBegin: true);
            _watch.Writes(isBegin: false, isAlone: true);
            _clock.Advance(Patience / 2 + Tick);
        }

        Assert.Equal(expected, _watch.IsHung());
    }

    [Fact]
    public void One_that_gave_a_frame_meanwhile_does_not()
    {
        Take(23);
        _clock.Advance(Patience);
        _watch.HandsOver(isBegin: true);
        _watch.HandsOver(isBegin: false);
        Take(24);
        _clock.Advance(Patience);
        Assert.False(_watch.IsHung());
        _clock.Advance(Tick);
        Assert.True(_watch.IsHung());
    }

    [Fact]
    public void One_whose_frame_nobody_takes_does_not_hang_however_long_that_lasts()
    {
        Take(30);
        _watch.Writes(isBegin: true); // it waits because it cannot give its frame
        _watch.HandsOver(isBegin: true);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.False(_watch.IsHung());

        _watch.HandsOver(isBegin: false);
        Assert.False(_watch.IsHung()); // and has its whole patience from here on
        _clock.Advance(Patience + Tick);
        Assert.True(_watch.IsHung());
    }

    [Fact]
    public void One_that_has_nothing_to_do_does_not_hang()
    {
        Take(1);
        _clock.Advance(TimeSpan.FromHours(1));

        Assert.False(_watch.IsHung());
    }

    [Fact]
    public void A_new_one_is_not_what_the_old_one_was()
    {
        Take(30);
        _watch.Writes(isBegin: true);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.True(_watch.IsHung());

        _watch.Begin();
        Assert.False(_watch.IsHung());
    }

    private void Take(int packets)
    {
        for (var i = 0; i < packets; i++)
        {
            _watch.Writes(isBegin: true);
            _watch.Writes(isBegin: false);
        }
    }
}
