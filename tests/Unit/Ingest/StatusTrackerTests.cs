using System.Diagnostics.Metrics;
using ActionStream.Core.Results;
using ActionStream.Ingest;
using ActionStream.Ingest.Quality;
using ActionStream.Ingest.Sources;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Ingest;

public sealed class StatusTrackerTests : IProgress<StreamStatus>, IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly Meter _meter = new("test");
    private readonly List<StreamStatus> _said = [];
    private readonly StatusTracker _tracker;
    private bool _isDeaf;

    public StatusTrackerTests() =>
        _tracker = new("cam", TimeSpan.FromMilliseconds(125), this, new IngestMeters(_meter).ForCamera("cam"), _clock);

    void IProgress<StreamStatus>.Report(StreamStatus value)
    {
        if (_isDeaf)
        {
            throw new InvalidOperationException("nobody listens");
        }

        _said.Add(value);
    }

    public void Dispose() => _meter.Dispose();

    [Fact]
    public void It_connects_is_online_with_the_first_frame_and_offline_with_the_reason()
    {
        _tracker.Connecting(0);
        Frames(1, 125);
        _tracker.Lost(0, SourceFault.Stalled);

        Assert.Equal([StreamState.Connecting, StreamState.Online, StreamState.Offline], _said.Select(status => status.State));
        Assert.Equal("stalled", _said[^1].Reason);
    }

    [Fact]
    public void Switched_off_it_is_disabled_and_connects_anew_when_it_is_on_again()
    {
        _tracker.Connecting(0);
        Frames(1, 125);
        _tracker.SwitchedOff();
        _tracker.Connecting(1);
        Assert.Equal(
            [StreamState.Connecting, StreamState.Online, StreamState.Disabled, StreamState.Connecting],
            _said.Select(status => status.State));
    }

    [Fact]
    public void Failed_retries_are_no_news_but_another_reason_is()
    {
        _tracker.Connecting(0);
        for (var epoch = 0; epoch < 5; epoch++)
        {
            _tracker.Lost(epoch, epoch < 3 ? SourceFault.Refused : SourceFault.Unauthorized);
            _clock.Advance(TimeSpan.FromSeconds(2));
            _tracker.Connecting(epoch + 1);
        }

        Assert.Equal([null, "refused", "auth"], _said.Select(status => status.Reason));
        Assert.Equal(_said[1].Since, _said[2].Since);
    }

    [Fact]
    public void A_camera_that_reboots_every_ten_seconds_does_not_flicker_and_every_loss_is_counted()
    {
        using var counts = new MeterCounts(_meter);
        for (var epoch = 0; epoch < 30; epoch++)
        {
            _tracker.Connecting(epoch);
            Frames(60, 125); // 7.5 s
            _tracker.Lost(epoch, SourceFault.Disconnected);
            _clock.Advance(TimeSpan.FromSeconds(2.5));
        }

        Assert.InRange(_said.Count, 3, 9);
        Assert.Equal(30, counts["actionstream.camera.reconnects camera=cam reason=disconnected"]);
        _tracker.Connecting(30);
        Frames(8 * 12, 125);
        Assert.Equal(StreamState.Online, _said[^1].State);
    }

    [Fact]
    public void A_word_that_could_not_be_passed_on_is_told_again()
    {
        _isDeaf = true;
        Assert.Throws<InvalidOperationException>(() => _tracker.Connecting(0));
        Assert.Throws<InvalidOperationException>(() => Frames(1, 125));
        _isDeaf = false;
        Frames(1, 125);
        Assert.Equal(StreamState.Online, Assert.Single(_said).State);
    }

    [Fact]
    public void Frames_per_second_are_told_every_ten_seconds_and_only_if_they_changed()
    {
        _tracker.Connecting(0);
        Frames(8 * 60, 125);

        Assert.Equal([0, 0, 8.0], _said.Select(status => status.Fps));
    }

    [Fact]
    public void Too_few_frames_are_degraded_and_enough_are_well_again()
    {
        _tracker.Connecting(0);
        Frames(60, 250);
        Frames(200, 125);

        Assert.Equal(
            [StreamState.Connecting, StreamState.Online, StreamState.Degraded, StreamState.Online], States());
        Assert.Contains(_said, status => status is { State: StreamState.Degraded, Reason: "low_density", Fps: 4 });
    }

    [Theory]
    [InlineData(FrameMarks.Dark, "dark")]
    [InlineData(FrameMarks.Damaged, "corrupt")]
    [InlineData(FrameMarks.Frozen | FrameMarks.Duplicate, "frozen")]
    public void Pictures_that_stay_bad_are_told_within_ten_seconds_and_so_is_their_end(FrameMarks marks, string reason)
    {
        _tracker.Connecting(0);
        Frames(8 * 30, 125);
        var badSince = _clock.GetUtcNow();
        Frames(8 * 20, 125, marks);

        Assert.Equal((StreamState.Degraded, reason), (_said[^1].State, _said[^1].Reason));
        Assert.InRange(_said[^1].Since - badSince, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.True(_said[^1].IsBlind);

        var goodSince = _clock.GetUtcNow();
        Frames(8 * 20, 125);
        Assert.Equal((StreamState.Online, null), (_said[^1].State, _said[^1].Reason));
        Assert.InRange(_said[^1].Since - goodSince, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.Equal([StreamState.Connecting, StreamState.Online, StreamState.Degraded, StreamState.Online], States());
    }

    [Fact]
    public void A_camera_whose_clock_runs_away_says_so_while_it_lasts()
    {
        _tracker.Connecting(0);
        _tracker.Sampled();
        _tracker.Sampled(FrameMarks.None, isClockRunningAway: true);
        Assert.Equal((StreamState.Degraded, "clock_drift"), (_said[^1].State, _said[^1].Reason));
        _tracker.Sampled();
        Assert.Equal((StreamState.Online, null), (_said[^1].State, _said[^1].Reason));
    }

    [Fact]
    public void A_camera_that_sends_no_key_frame_says_what_it_waits_for_whether_it_is_new_or_was_lost()
    {
        _tracker.Connecting(0);
        _tracker.LacksKeyFrame();
        Assert.Equal((StreamState.Connecting, "no_key_frame"), (_said[^1].State, _said[^1].Reason));
        _tracker.Lost(0, SourceFault.NoKeyFrame);
        Assert.Equal((StreamState.Offline, "no_key_frame"), (_said[^1].State, _said[^1].Reason));
        _tracker.Connecting(1);
        _tracker.LacksKeyFrame();
        Assert.Equal(StreamState.Offline, _said[^1].State);
        _tracker.Sampled();
        Assert.Equal(StreamState.Online, _said[^1].State);
    }

    [Fact]
    public void A_smear_of_a_second_now_and_then_is_no_news()
    {
        _tracker.Connecting(0);
        for (var i = 0; i < 20; i++)
        {
            Frames(8, 125, FrameMarks.Damaged);
            Frames(8 * 5, 125);
        }

        Assert.DoesNotContain(_said, status => status.State == StreamState.Degraded);
    }

    [Fact]
    public void Bad_pictures_are_told_before_their_rate_and_a_low_rate_is_still_told_when_they_are_over()
    {
        _tracker.Connecting(0);
        Frames(4 * 30, 250);
        Frames(4 * 30, 250, FrameMarks.Dark);
        Frames(4 * 30, 250);

        Assert.Equal(
            [null, "low_density", "dark", "low_density"],
            _said.Select(status => status.Reason).Where((reason, i) => i == 0 || reason != _said[i - 1].Reason));
        Assert.False(_said[^1].IsBlind);
    }

    [Fact]
    public void A_reconnection_begins_with_a_clean_record()
    {
        _tracker.Connecting(0);
        Frames(8 * 10, 125, FrameMarks.Dark);
        _tracker.Lost(0, SourceFault.Stalled);
        _tracker.Connecting(1);
        Frames(8, 125);

        Assert.Equal((StreamState.Online, null), (_said[^1].State, _said[^1].Reason));
    }

    [Fact]
    public void A_frame_that_is_no_news_allocates_nothing()
    {
        _tracker.Connecting(0);
        Frames(8 * 30, 125);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            _tracker.Sampled(FrameMarks.Duplicate);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private IEnumerable<StreamState> States() =>
        _said.Select(status => status.State).Where((state, i) => i == 0 || state != _said[i - 1].State);

    private void Frames(int count, int milliseconds, FrameMarks marks = FrameMarks.None)
    {
        for (var i = 0; i < count; i++)
        {
            _tracker.Sampled(marks);
            _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
        }
    }
}
