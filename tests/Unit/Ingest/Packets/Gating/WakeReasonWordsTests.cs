using ActionStream.Ingest.Packets.Gating;

namespace ActionStream.Unit.Ingest.Packets.Gating;

public sealed class WakeReasonWordsTests
{
    [Fact]
    public void Every_reason_has_one_word_and_a_set_has_one_list()
    {
        Assert.Equal(
            ["learning", "motion", "change", "event", "command", "watched", "zone", "onvif", "unreadable", "untrusted", "configured"],
            WakeReasonWords.All.SelectMany(reason => reason.Words));
        Assert.Same((WakeReasons.Event | WakeReasons.Motion).Words, (WakeReasons.Motion | WakeReasons.Event).Words);
        Assert.Equal(["motion", "event"], (WakeReasons.Event | WakeReasons.Motion).Words);
        Assert.Empty(WakeReasons.None.Words);
    }

    [Fact]
    public void A_wake_counts_once_by_what_the_stream_shows_before_who_asks() => Assert.Equal(
        (WakeReasons.Motion, WakeReasons.Watched, WakeReasons.None),
        ((WakeReasons.Motion | WakeReasons.Event).First, (WakeReasons.Watched | WakeReasons.Configured).First, WakeReasons.None.First));
}
