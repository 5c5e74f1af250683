using System.Diagnostics.Metrics;
using ActionStream.Core.Results;
using ActionStream.Ingest;
using ActionStream.Ingest.Packets.Gating;
using ActionStream.Ingest.Quality;
using ActionStream.Ingest.Sources;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Ingest;

/// <summary>What the owner of a camera hears of its sleep.</summary>
public sealed class SleepStateTests : IProgress<StreamStatus>, IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly Meter _meter = new("test");
    private readonly MeterCounts _counts;
    private readonly List<StreamStatus> _said = [];
    private readonly StatusTracker _tracker;

    public SleepStateTests()
    {
        _counts = new(_meter);
        _tracker = new("cam", TimeSpan.FromMilliseconds(125), this, new IngestMeters(_meter).ForCamera("cam"), _clock);
        _tracker.Connecting(0);
        _tracker.Gated(WakeReasons.Learning);
        Frames(8 * 31);
    }

    private StreamStatus Last => _said[^1];

    void IProgress<StreamStatus>.Report(StreamStatus value) => _said.Add(value);

    public void Dispose()
    {
        _counts.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void A_camera_that_sleeps_stays_online_keeps_its_frame_rate_and_says_that_it_sleeps()
    {
        Assert.Equal((StreamState.Online, 8.0, false), (Last.State, Last.Fps, Last.IsAsleep));
        Assert.Equal(["learning"], Last.Sleep!.AwakeBecause);
        var told = _said.Count;
        var fell = _clock.GetUtcNow();
        _tracker.Gated(WakeReasons.None);
        Heartbeats(1800); // an hour

        Assert.Equal((StreamState.Online, null, 8.0, true), (Last.State, Last.Reason, Last.Fps, Last.IsAsleep));
        Assert.Equal((fell, 0), (Last.Sleep!.Since, Last.Sleep.AwakeBecause.Count));
        Assert.Equal(told + 1, _said.Count); // once
        Assert.Equal(1, _counts["actionstream.camera.asleep camera=cam"]);
    }

    [Fact]
    public void A_wake_is_told_with_its_first_frame_and_counted_by_what_the_stream_itself_shows()
    {
        Sleep();
        _tracker.Gated(WakeReasons.Watched | WakeReasons.Motion);
        _tracker.Heartbeat(); // was under way
        Assert.True(Last.IsAsleep);
        _clock.Advance(TimeSpan.FromMilliseconds(50));
        Frames(1);

        Assert.Equal((StreamState.Online, false), (Last.State, Last.IsAsleep));
        Assert.Equal(["motion", "watched"], Last.Sleep!.AwakeBecause);
        Assert.Equal(["motion", "watched"], Last.Sleep.WokenBy);
        Assert.Equal(1, _counts["actionstream.camera.wakes camera=cam reason=motion"]);
        Assert.Equal(1, _counts.Sum("actionstream.camera.wakes"));
        Assert.Equal(0, _counts["actionstream.camera.asleep camera=cam"]);

        Sleep();
        Assert.Equal(["motion", "watched"], Last.Sleep!.WokenBy); // the last sleep's end
    }

    [Fact]
    public void Reasons_that_come_and_go_while_it_is_awake_are_told_no_more_often_than_its_frame_rate()
    {
        Sleep();
        _tracker.Gated(WakeReasons.Motion);
        Frames(1);
        var told = _said.Count;
        for (var i = 0; i < 20 * 8; i++)
        {
            _tracker.Gated(i % 2 == 0 ? WakeReasons.Motion | WakeReasons.Event : WakeReasons.Motion);
            Frames(1);
        }

        Assert.InRange(_said.Count - told, 0, 2);
        _tracker.Gated(WakeReasons.Motion | WakeReasons.Event);
        Frames(8 * 11);
        Assert.Equal(["motion", "event"], Last.Sleep!.AwakeBecause);
        Assert.Equal(["motion"], Last.Sleep!.WokenBy);
        _tracker.Gated(WakeReasons.None); // frames from before are still under way
        Frames(8 * 11);
        Assert.False(Last.IsAsleep);
        Assert.NotEmpty(Last.Sleep!.AwakeBecause);
    }

    [Fact]
    public void How_many_frames_come_is_not_judged_while_it_sleeps_and_counted_anew_when_it_wakes()
    {
        Sleep();
        Heartbeats(100);
        _tracker.Gated(WakeReasons.Motion);
        var ring = _clock.GetTimestamp();
        for (var back = 32; back > 0; back--)
        {
            _tracker.Sampled(arrivedAt: ring - (back * TimeSpan.FromMilliseconds(125).Ticks)); // what it goes back to comes at once
        }

        Frames(8 * 11);
        Assert.Equal((StreamState.Online, 8.0), (Last.State, Last.Fps));
        Assert.DoesNotContain(_said, status => status.Reason == StreamReasons.LowDensity || status.Fps > 8.1);
    }

    [Fact]
    public void A_camera_that_sends_too_few_frames_is_not_said_to_while_it_sleeps()
    {
        Frames(4 * 11, 250);
        Assert.Equal("low_density", Last.Reason);
        Sleep();
        Assert.Equal((StreamState.Online, null), (Last.State, Last.Reason));
        _tracker.Gated(WakeReasons.Motion);
        Frames(1);
        Assert.Equal("low_density", Last.Reason);
    }

    [Fact]
    public void A_lens_that_is_covered_in_its_sleep_is_told_within_some_heartbeats()
    {
        Sleep();
        Heartbeats(3, FrameMarks.Dark);
        Assert.Equal((StreamState.Degraded, "dark", true), (Last.State, Last.Reason, Last.IsAsleep));
        Heartbeats(4);
        Assert.Equal((StreamState.Online, true), (Last.State, Last.IsAsleep));
    }

    [Fact]
    public void A_camera_that_goes_sleeps_no_more_and_its_next_connection_begins_anew()
    {
        Sleep();
        _tracker.Lost(0, SourceFault.Stalled);
        Assert.Equal((StreamState.Offline, null), (Last.State, Last.Sleep));
        Assert.Equal(0, _counts["actionstream.camera.asleep camera=cam"]);
        _tracker.Connecting(1);
        _tracker.Gated(WakeReasons.Learning);
        Frames(1);
        Assert.Equal((StreamState.Online, false, 0), (Last.State, Last.IsAsleep, Last.Sleep!.WokenBy.Count));
        Assert.Equal(0, _counts.Sum("actionstream.camera.wakes"));
    }

    [Fact]
    public void A_camera_that_has_no_gate_says_nothing_of_sleep()
    {
        _tracker.Lost(0, SourceFault.Stalled);
        _tracker.Connecting(1);
        Frames(8 * 11);
        Assert.Equal((StreamState.Online, null), (Last.State, Last.Sleep));
    }

    [Fact]
    public void What_is_saved_is_counted_in_the_streams_time()
    {
        _tracker.Slept(TimeSpan.FromSeconds(10));
        _tracker.NotDecoded(TimeSpan.FromSeconds(9));
        _tracker.DecodesHeartbeat();
        Assert.Equal(
            (10, 9, 1),
            (_counts["actionstream.camera.slept camera=cam"], _counts["actionstream.camera.decoding.saved camera=cam"],
                _counts["actionstream.camera.heartbeats camera=cam"]));
    }

    private void Sleep()
    {
        _tracker.Gated(WakeReasons.None);
        Heartbeats(1);
    }

    private void Heartbeats(int count, FrameMarks marks = FrameMarks.None)
    {
        for (var i = 0; i < count; i++)
        {
            _tracker.Heartbeat(marks);
            _clock.Advance(TimeSpan.FromSeconds(2));
        }
    }

    private void Frames(int count, int milliseconds = 125)
    {
        for (var i = 0; i < count; i++)
        {
            _tracker.Sampled(arrivedAt: _clock.GetTimestamp());
            _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
        }
    }
}
