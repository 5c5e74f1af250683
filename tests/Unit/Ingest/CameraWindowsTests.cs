using System.Diagnostics.Metrics;
using ActionStream.Core.Media;
using ActionStream.Core.Results;
using ActionStream.Ingest;
using ActionStream.Ingest.Sources;
using ActionStream.Ingest.Windowing;
using ActionStream.Unit.Ingest.Quality;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Ingest;

/// <summary>A camera that falls asleep and wakes, from its frames to its windows and to what is said of it.</summary>
public sealed class CameraWindowsTests : IProgress<StreamStatus>, IProgress<Heartbeat>, IDisposable
{
    private static readonly TimeSpan D = TimeSpan.FromMilliseconds(125);

    private readonly FakeClock _clock = new();
    private readonly PixelPool _pool = new();
    private readonly Meter _meter = new("test");
    private readonly MeterCounts _counts;
    private readonly Random _random = new(6);
    private readonly List<StreamStatus> _said = [];
    private readonly List<Heartbeat> _heartbeats = [];
    private readonly List<Clip> _clips = [];
    private readonly CameraWindows _windows;
    private readonly long _start;

    public CameraWindowsTests()
    {
        (_counts, _start) = (new(_meter), _clock.GetTimestamp());
        _windows = CameraWindows.Create(
            "cam", new SourceOptions { Url = "rtsp://camera/1" }, new(8, D, Hop: 2), new(D, Pictures.Size, Fit.Stretch),
            new IngestMeters(_meter).ForCamera("cam"), this, _clock, this);
    }

    void IProgress<StreamStatus>.Report(StreamStatus value) => _said.Add(value);

    void IProgress<Heartbeat>.Report(Heartbeat value) => _heartbeats.Add(value);

    public void Dispose()
    {
        _windows.Dispose();
        _clips.ForEach(clip => clip.Dispose());
        _counts.Dispose();
        _meter.Dispose();
        Assert.Equal(0, _pool.InUse);
        _pool.Dispose();
    }

    [Fact]
    public void Heartbeats_are_looked_at_told_and_decided_on_by_nobody()
    {
        _windows.Status.Connecting(0);
        Enumerable.Range(0, 80).ToList().ForEach(i => Take(i));
        var clips = _clips.Count;
        for (var i = 96; i < 400; i += 16)
        {
            Take(i, pixels: Pictures.Flat(0), isHeartbeat: true);
        }

        Assert.Equal(clips, _clips.Count);
        Assert.Equal(19, _heartbeats.Count);
        Assert.All(_heartbeats, heartbeat => Assert.Equal(("cam", 0), (heartbeat.Stream, heartbeat.Time.Epoch)));
        Assert.Equal(D * 96, _heartbeats[0].Time.Presentation);
        Assert.Equal((StreamState.Degraded, "dark", true), (_said[^1].State, _said[^1].Reason, _said[^1].IsAsleep));
        Assert.Equal(19, _counts["actionstream.camera.frames.flawed camera=cam reason=dark"]);
        Assert.Equal(0, _counts.Sum("actionstream.windows.skipped"));
    }

    [Fact]
    public void A_wake_loses_no_window_and_makes_none_twice()
    {
        _windows.Status.Connecting(0);
        Enumerable.Range(0, 80).ToList().ForEach(i => Take(i));
        Take(96, isHeartbeat: true);
        Take(112, isHeartbeat: true);
        Enumerable.Range(70, 90).ToList().ForEach(i => Take(i, endsSleep: i == 70));

        Assert.Equal(0, _counts.Sum("actionstream.windows.skipped"));
        Assert.Equal(0, _counts.Sum("actionstream.frames.dropped"));
        var indices = _clips.Select(clip => clip.Time.FirstIndex).ToList();
        Assert.Equal(indices.Distinct().Order(), indices);
        Assert.Equal(_clips.Count, _counts["actionstream.windows.created camera=cam"]);
        Assert.False(_said[^1].IsAsleep);
        Assert.DoesNotContain(_said, status => status.State == StreamState.Degraded);
    }

    // Each frame arrived when it was sent; the clock is at the newest.
    private void Take(int number, byte[]? pixels = null, bool isHeartbeat = false, bool endsSleep = false)
    {
        var arrived = _start + (D * number).Ticks;
        _clock.Advance(TimeSpan.FromTicks(Math.Max(0, arrived - _clock.GetTimestamp())));
        var block = _pool.Rent(Pictures.Size.Bytes);
        (pixels ?? Pictures.Scene(_random)).CopyTo(block.Span);
        _windows.Take(
            new(new FrameTime(0, D * number, arrived), Pictures.Size, block) { IsHeartbeat = isHeartbeat, EndsSleep = endsSleep }, _clips);
    }
}
