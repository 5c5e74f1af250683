using ActionStream.Ingest.Packets.Gating;
using ActionStream.Ingest.Probing;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Ingest.Probing;

public sealed class SleepTallyTests
{
    private readonly FakeClock _clock = new();
    private readonly SleepTally _tally;

    public SleepTallyTests() => _tally = new(_clock);

    [Fact]
    public void The_share_is_of_the_time_after_it_had_learned_and_each_wake_is_counted_once()
    {
        Pass(20, WakeReasons.Learning | WakeReasons.Motion);
        Pass(10, WakeReasons.Motion);
        Pass(30, WakeReasons.None);
        Pass(10, WakeReasons.Motion | WakeReasons.Change);
        Pass(30, WakeReasons.None);
        Pass(10, WakeReasons.Change);
        Pass(10, WakeReasons.None);

        var facts = _tally.Facts!;
        Assert.Equal(0.7, facts.Share!.Value, 0.01);
        Assert.Equal(["change=1", "motion=1"], facts.Wakes.Select(wake => $"{wake.Key}={wake.Value}").Order());
        Assert.Empty(facts.AwakeBecause);
    }

    [Theory]
    [InlineData(WakeReasons.Learning)]
    [InlineData(WakeReasons.Learning | WakeReasons.Untrusted)]
    public void Who_watches_too_short_to_learn_gets_no_share_and_the_reasons(WakeReasons reasons)
    {
        Pass(60, reasons);
        Assert.Null(_tally.Facts!.Share);
        Assert.Equal(reasons.Words, _tally.Facts.AwakeBecause);
    }

    [Fact]
    public void What_cannot_sleep_slept_none_of_the_time()
    {
        Pass(60, WakeReasons.Unreadable);
        Assert.Equal(0, _tally.Facts!.Share);
        Assert.Equal(["unreadable"], _tally.Facts.AwakeBecause);
    }

    [Fact]
    public void Without_a_packet_there_is_nothing_to_tell() => Assert.Null(_tally.Facts);

    // A packet each second, as the log of the gate tells of it.
    private void Pass(int seconds, WakeReasons reasons)
    {
        for (var i = 0; i < seconds; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            _tally.Gated(reasons);
            if (reasons == WakeReasons.None)
            {
                _tally.Slept(TimeSpan.FromSeconds(1));
            }
        }
    }
}
