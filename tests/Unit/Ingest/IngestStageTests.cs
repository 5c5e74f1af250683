using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using ActionStream.Core.Media;
using ActionStream.Core.Results;
using ActionStream.Core.Retrying;
using ActionStream.Core.Stages;
using ActionStream.Ingest;
using ActionStream.Ingest.Quality;
using ActionStream.Ingest.Sources;
using ActionStream.Ingest.Windowing;
using ActionStream.Unit.Ingest.Quality;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Ingest;

/// <summary>What reaches the model of a camera whose pictures go bad, and what its owner hears.</summary>
public sealed class IngestStageTests : IProgress<StreamStatus>, IDisposable
{
    private static readonly TimeSpan D = TimeSpan.FromMilliseconds(125);

    private readonly FakeClock _clock = new();
    private readonly PixelPool _pool = new();
    private readonly Meter _meter = new("test");
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, long> _counts = new();
    private readonly List<StreamStatus> _said = [];
    private readonly List<ClipTime> _seen = [];
    private readonly Random _random = new(6);

    public IngestStageTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, _meter))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, count, tags, _) =>
        {
            var reason = tags.ToArray().FirstOrDefault(tag => tag.Key == "reason").Value;
            _counts.AddOrUpdate($"{instrument.Name} {reason}".TrimEnd(), count, (_, before) => before + count);
        });
        _listener.Start();
    }

    void IProgress<StreamStatus>.Report(StreamStatus value) => _said.Add(value);

    public void Dispose()
    {
        _listener.Dispose();
        _meter.Dispose();
        Assert.Equal(0, _pool.InUse); // also of what was skipped
        _pool.Dispose();
    }

    [Theory]
    [InlineData("frozen", false)]
    [InlineData("dark", false)]
    [InlineData("corrupt", true)]
    public async Task Windows_of_a_bad_stretch_never_reach_the_model_and_the_stream_goes_on_after_it(string reason, bool isDamaged)
    {
        var still = Pictures.Scene(_random);
        await PlayAsync(new(), i => i is < 160 or >= 400 ? (Pictures.Scene(_random), false) : reason switch
        {
            "frozen" => (still, false),
            "dark" => (Pictures.Flat(8, _random, 3), false),
            _ => (Pictures.Scene(_random), isDamaged),
        });

        var made = _counts["actionstream.windows.created"];
        var skipped = _counts[$"actionstream.windows.skipped {reason}"];
        Assert.InRange(skipped, reason == "frozen" ? 80 : 110, 122); // every other picture ends a window; 30 s are bad
        Assert.Equal(made, _seen.Count
            + _counts.Where(count => count.Key.StartsWith("actionstream.windows.skipped", StringComparison.Ordinal)).Sum(count =>
                count.Value));
        Assert.DoesNotContain(_seen, time => time.End > 160 * D + TimeSpan.FromSeconds(9) && time.End < 400 * D);
        Assert.Single(_seen.Select(time => (time.Epoch, time.Segment)).Distinct()); // a pause, not another stream
        Assert.Contains(_seen, time => time.Start >= 400 * D);
        Assert.True(_counts[$"actionstream.camera.frames.flawed {reason}"] > 150, "pictures are counted too");

        var degraded = Assert.Single(_said, status => status.State == StreamState.Degraded && status.Reason == reason);
        Assert.True(degraded.IsBlind);
        Assert.Contains(_said.SkipWhile(status => status != degraded), status => status.State == StreamState.Online);
    }

    [Fact]
    public async Task Windows_across_a_sudden_change_are_skipped_and_the_camera_is_well()
    {
        await PlayAsync(new(), i => (Pictures.Scene(_random, i < 160 ? 1 : 0.5, offset: i < 160 ? 0 : 130), false));

        Assert.Equal(3, _counts["actionstream.windows.skipped scene_change"]); // 8 pictures, every 2: those that begin before and end after
        Assert.DoesNotContain(_seen, time => time.Start < 160 * D && time.End >= 160 * D);
        Assert.DoesNotContain(_said, status => status.State == StreamState.Degraded);
    }

    [Fact]
    public async Task What_the_owner_keeps_reaches_the_model()
    {
        await PlayAsync(
            new() { Dark = Treatment.Keep, FrozenAfter = TimeSpan.Zero, SceneChange = Treatment.Keep },
            i => (i < 160 ? Pictures.Scene(_random) : Pictures.Flat(0), false));

        Assert.Equal(_counts["actionstream.windows.created"], _seen.Count);
        Assert.DoesNotContain(_said, status => status.State == StreamState.Degraded);
    }

    private async Task PlayAsync(QualityOptions options, Func<int, (byte[] Pixels, bool IsDamaged)> picture)
    {
        await using var clips = new StageChannel<Clip>(new(1024), new StageMeter(_meter, "inference"));
        var meter = new IngestMeters(_meter).ForCamera("cam");
        var status = new StatusTracker("cam", D, this, meter, _clock);
        var source = new ReconnectingSource(
            new ScriptedSource((epoch, cancel) => FramesAsync(epoch, picture, cancel)), new Backoff(), endsByItself: true, status, _clock,
            new Random(1), new LogLines<ReconnectingSource>());
        ClipAssembler Assemble() => new(
            "cam", new(8, D, Hop: 2), Pictures.Size, _clock, new FrameInspector(Pictures.Size, options.FrozenAfter));
        var windows = new CameraWindows(Assemble, new(options), meter, status, _clock);
        await new IngestStage("cam", source, windows, clips, new LogLines<IngestStage>()).RunAsync(default);

        clips.Complete();
        await foreach (var clip in clips.Reader.ReadAllAsync())
        {
            using (clip)
            {
                _seen.Add(clip.Time);
            }
        }
    }

    private async IAsyncEnumerable<Frame> FramesAsync(
        int epoch, Func<int, (byte[] Pixels, bool IsDamaged)> picture, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (var i = 0; i < 560; i++)
        {
            cancel.ThrowIfCancellationRequested();
            var (pixels, isDamaged) = picture(i);
            var block = _pool.Rent(Pictures.Size.Bytes);
            pixels.CopyTo(block.Span);
            yield return new(new FrameTime(epoch, D * i, _clock.GetTimestamp()), Pictures.Size, block) { IsDamaged = isDamaged };
            _clock.Advance(D);
            await Task.CompletedTask;
        }
    }
}
