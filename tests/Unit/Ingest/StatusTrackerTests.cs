using System.Diagnostics.Metrics;
using ActionStream.Core.Results;
using ActionStream.Ingest;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Ingest;

public sealed class StatusTrackerTests : IProgress<StreamStatus>, IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly Meter _meter = new("test");
    private readonly List<StreamStatus> _said = [];
    private readonly StatusTracker _tracker;

    public StatusTrackerTests() =>
        _tracker = new("cam", TimeSpan.FromMilliseconds(125), this, new IngestMeters(_meter).ForCamera("cam"), _clock);

    void IProgress<StreamStatus>.Report(StreamStatus value) => _said.Add(value);

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
    public void A_camera_that_reboots_every_ten_seconds_does_not_flicker()
    {
        for (var epoch = 0; epoch < 30; epoch++)
        {
            _tracker.Connecting(epoch);
            Frames(60, 125); // 7.5 s
            _tracker.Lost(epoch, SourceFault.Disconnected);
            _clock.Advance(TimeSpan.FromSeconds(2.5));
        }

        Assert.InRange(_said.Count, 3, 9);
        _tracker.Connecting(30);
        Frames(8 * 12, 125);
        Assert.Equal(StreamState.Online, _said[^1].State);
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
            [StreamState.Connecting, StreamState.Online, StreamState.Degraded, StreamState.Online],
            _said.Select(status => status.State).Where((state, i) => i == 0 || state != _said[i - 1].State));
        Assert.Contains(_said, status => status is { State: StreamState.Degraded, Reason: "low_density", Fps: 4 });
    }

    private void Frames(int count, int milliseconds)
    {
        for (var i = 0; i < count; i++)
        {
            _tracker.Sampled();
            _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
        }
    }
}
