using ActionStream.Ingest.Decoding;
using ActionStream.Ingest.Packets.Gating;

namespace ActionStream.Unit.Ingest.Decoding;

public sealed class SleepLogTests : ISleepObserver
{
    private readonly SleepLog _log;
    private readonly List<WakeReasons> _reasons = [];
    private TimeSpan _slept;
    private TimeSpan _saved;
    private int _heartbeats;

    public SleepLogTests() => _log = new(this, TimeSpan.FromSeconds(8));

    void ISleepObserver.Gated(WakeReasons reasons)
    {
        if (_reasons is not [.., var last] || last != reasons)
        {
            _reasons.Add(reasons);
        }
    }

    void ISleepObserver.Slept(TimeSpan time) => _slept += time;

    void ISleepObserver.NotDecoded(TimeSpan time) => _saved += time;

    void ISleepObserver.DecodesHeartbeat() => _heartbeats++;

    [Fact]
    public void What_waking_goes_back_to_is_slept_and_not_saved()
    {
        Note(0, 60, WakeReasons.Motion);
        Note(60, 160, WakeReasons.None);
        Assert.Equal(92, _saved.TotalSeconds, 0.1); // the ring may be gone back to
        _log.GoesBackTo(TimeSpan.FromSeconds(155));
        Note(160, 180, WakeReasons.Motion);

        Assert.Equal((100.0, 95.0, 50), (Math.Round(_slept.TotalSeconds, 1), Math.Round(_saved.TotalSeconds, 1), _heartbeats));
        Assert.Equal([WakeReasons.Motion, WakeReasons.None, WakeReasons.Motion], _reasons);
    }

    [Fact]
    public void A_sleep_that_ends_before_anything_was_left_out_saves_nothing()
    {
        Note(0, 60, WakeReasons.Motion);
        Note(60, 61, WakeReasons.None);
        _log.GoesOn();
        Note(61, 100, WakeReasons.Motion);
        Assert.Equal((1.0, 0.0), (Math.Round(_slept.TotalSeconds, 1), Math.Round(_saved.TotalSeconds, 1)));
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    public void A_clock_that_is_set_while_it_sleeps_is_no_time_slept(int seconds)
    {
        Note(5000, 5060, WakeReasons.None);
        Note(5060 + seconds, 5120 + seconds, WakeReasons.None);
        Assert.Equal(120, _slept.TotalSeconds, 0.2);
        Assert.InRange(_saved.TotalSeconds, 100, 110);
    }

    // 25 frames a second; the first of every other second would be decoded.
    private void Note(int from, int to, WakeReasons reasons)
    {
        for (var i = 25 * from; i < 25 * to; i++)
        {
            _log.Note(new(reasons, IsHeartbeat: reasons == WakeReasons.None && i % 50 == 0, null), TimeSpan.FromMilliseconds(40 * i));
        }
    }
}
