using System.Diagnostics.Metrics;
using ActionStream.Core.Media;
using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.EndToEnd.Support;
using ActionStream.Ingest;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Quality;
using ActionStream.Ingest.Sources;
using ActionStream.Ingest.Windowing;

namespace ActionStream.EndToEnd.Contracts.Ingest;

/// <summary>Bad pictures as ffmpeg really delivers them.</summary>
public sealed class IntegrityTests
{
    private static readonly WindowSpec Window = new(Length: 8, TimeSpan.FromMilliseconds(125), Hop: 2);

    [NeedsFact("ffmpeg")]
    public async Task Windows_of_a_damaged_stretch_carry_damage_and_those_of_clean_stretches_do_not()
    {
        await using var rig = new CameraRig();
        var clean = Videos.LongMpegTs;
        var bytes = await File.ReadAllBytesAsync(clean);
        var random = new Random(5);
        for (var i = 0; i < 40; i++)
        {
            bytes[random.Next(bytes.Length * 40 / 100, bytes.Length * 50 / 100)] ^= (byte)(1 << random.Next(8));
        }

        // As a camera sends it: damage is told apart by when it is said.
        var damaged = CameraRig.Source(Videos.Write("smeared.ts", bytes)) with { Realtime = true };
        var truth = (await FramesAsync(rig, CameraRig.Source(clean))).ToDictionary(frame => frame.Time, frame => frame.Pixels);
        var frames = await FramesAsync(rig, damaged);
        var isSmeared = frames.ToDictionary(frame => frame.Time, frame => !frame.Pixels.AsSpan().SequenceEqual(truth[frame.Time]));
        var smeared = frames.Where(frame => isSmeared[frame.Time]).ToList();
        var (first, last) = (smeared[0].Time, smeared[^1].Time);
        Assert.InRange(smeared.Count, 4, 24);

        // Pictures that really differ from the undamaged ones are marked; none before, and none a while after.
        var missed = smeared.Where(frame => !frame.IsDamaged).Select(frame => frame.Time.TotalSeconds).ToList();
        Assert.True(
            missed.Count <= smeared.Count / 4, $"of {smeared.Count} smeared pictures those at {string.Join(' ', missed)} are unmarked");
        var wrong = frames.Where(
            frame => frame.IsDamaged && (frame.Time < first - Window.Interval * 2 || frame.Time > last + TimeSpan.FromSeconds(1.5)));
        Assert.Empty(wrong.Select(frame => frame.Time.TotalSeconds));

        var windows = Assemble(rig, frames);
        Assert.All(
            windows.Where(window => window.Time.End < first - Window.Interval * 2 || window.Time.Start > last + TimeSpan.FromSeconds(1.5)),
            window => Assert.Equal((0, 1.0), (window.Quality.Damaged, window.Quality.Score)));
        Assert.All(
            windows.Where(window =>
                frames.Count(frame => isSmeared[frame.Time] && frame.Time >= window.Time.Start && frame.Time <= window.Time.End) > 1),
            window => Assert.True(window.Quality is { Damaged: > 0, Score: < 1 }, $"{window}"));
        Assert.Contains(windows, window => new QualityRules(new()).Skip(window.Quality) == DropReason.Corrupt);
        Assert.True(windows.Count(window => window.Quality.Damaged == 0) > windows.Count / 3, "most of the file is clean");
    }

    [NeedsFact("ffmpeg")]
    public async Task A_picture_that_stays_is_frozen_within_ten_seconds_and_its_windows_are_skipped()
    {
        await using var rig = new CameraRig();

        var heard = await PlayAsync(rig, "lavfi:testsrc2=size=64x36:rate=8:duration=4,tpad=stop_mode=clone:stop_duration=16");

        Assert.DoesNotContain(heard.Seen, time => time.End > TimeSpan.FromSeconds(4 + 10));
        Assert.Contains(heard.Said, status => status is { State: StreamState.Degraded, Reason: "frozen", IsBlind: true });
        Assert.True(heard.Skipped("frozen") > 15, $"{heard.Skipped("frozen")} skipped");
    }

    [NeedsFact("ffmpeg", "shared")]
    public async Task A_picture_that_froze_before_the_encoder_is_frozen_too()
    {
        await using var rig = new CameraRig();

        var large = CameraRig.Small with { Size = new FrameSize(224, 224) }; // made as small as elsewhere, nothing of the flicker is left
        var frames = await FramesAsync(rig, CameraRig.Source(Videos.FrozenRoom), large);
        var windows = Assemble(rig, frames, large);

        // The encoder does flicker, or this shows nothing.
        var changes = frames.Zip(frames.Skip(1)).Where(pair => !pair.First.Pixels.AsSpan().SequenceEqual(pair.Second.Pixels))
            .Select(pair => pair.Second.Time).ToList();
        Assert.All(changes.Zip(changes.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, TimeSpan.Zero, TimeSpan.FromSeconds(3)));
        Assert.True(changes[^1] > frames[^1].Time - TimeSpan.FromSeconds(3), $"the last change was at {changes[^1]}");

        // By then the encoder has settled; its very last group, when nothing follows, is another one again.
        var settled =
            windows.Where(window => window.Time.End > TimeSpan.FromSeconds(20) && window.Time.End < TimeSpan.FromSeconds(28)).ToList();
        Assert.Equal(32, settled.Count);
        Assert.All(settled, window => Assert.Equal(8, window.Quality.Frozen));
        Assert.All(settled, window => Assert.Equal(DropReason.Frozen, new QualityRules(new()).Skip(window.Quality)));
    }

    [NeedsFact("ffmpeg")]
    public async Task A_still_scene_with_a_sensors_noise_is_not_frozen_even_through_a_coarse_encoder()
    {
        await using var rig = new CameraRig();

        var frames = await FramesAsync(rig, CameraRig.Source(Videos.QuietScene));
        var windows = Assemble(rig, frames);

        Assert.True(
            windows.Sum(window => window.Quality.Duplicates) > windows.Count,
            "the encoder did repeat whole pictures, or this shows nothing");
        Assert.All(windows, window => Assert.Equal((0, 0, 0), (window.Quality.Frozen, window.Quality.Dark, window.Quality.Damaged)));
        Assert.DoesNotContain(windows, window => new QualityRules(new()).Skip(window.Quality) is not null);
    }

    [NeedsFact("ffmpeg")]
    public async Task A_black_picture_is_dark_and_a_night_with_one_lamp_is_not()
    {
        await using var rig = new CameraRig();

        var black = await PlayAsync(rig, "lavfi:color=black:size=64x36:rate=8:duration=6");
        var night = await PlayAsync(
            rig,
            "lavfi:color=0x060606:size=64x36:rate=8:duration=6,drawbox=x=40:y=4:w=6:h=6:color=white:t=fill,noise=alls=6:allf=t", "night");

        Assert.Empty(black.Seen);
        Assert.True(black.Skipped("dark") > 15, $"{black.Skipped("dark")} skipped");
        Assert.Equal(21, night.Seen.Count); // 48 pictures, 8 to a window, every other
        Assert.DoesNotContain(night.Said, status => status.State == StreamState.Degraded);
    }

    [NeedsTheory("ffmpeg", "shared")]
    [InlineData("1")]
    [InlineData("0.15")]
    public async Task People_who_fall_walk_and_cook_lose_no_window_by_day_nor_in_a_seventh_of_the_light(string light)
    {
        await using var rig = new CameraRig();
        var clips = Path.Combine(Parts.Shared, "clips");
        string[] files =
        [
            .. Directory.EnumerateFiles(Path.Combine(clips, "gmdcsa24"), "*.mp4"),
            .. Directory.EnumerateFiles(Path.Combine(clips, "decoder")), Path.Combine(Parts.Root, "configs", "demo", "clip.mp4"),
        ];
        foreach (var file in files)
        {
            var windows = Assemble(rig, await FramesAsync(rig, CameraRig.Source($"lavfi:movie={file},lutyuv=y='16+(val-16)*{light}'")));

            Assert.NotEmpty(windows);
            Assert.All(windows, window => Assert.True(new QualityRules(new()).Skip(window.Quality) is null, $"{file}: {window}"));
        }
    }

    [NeedsFact("ffmpeg")]
    public async Task A_new_size_in_mid_stream_is_hidden_by_the_scaler_and_a_new_scene_with_it_is_seen()
    {
        await using var rig = new CameraRig();
        byte[] both = [.. await File.ReadAllBytesAsync(Videos.MpegTs), .. await File.ReadAllBytesAsync(Videos.LargerOtherMpegTs)];

        var windows = Assemble(rig, await FramesAsync(rig, CameraRig.Source(Videos.Write("other.ts", both))));

        Assert.Single(windows.Select(window => window.Time.Segment).Distinct()); // the mark of a new format is left out here
        var across =
            windows.Where(window => window.Time.Start < TimeSpan.FromSeconds(3.9) && window.Time.End > TimeSpan.FromSeconds(4.1)).ToList();
        Assert.NotEmpty(across);
        Assert.All(across, window => Assert.Equal(1, window.Quality.Cuts));
        Assert.All(windows.Where(window => window.Time.End < TimeSpan.FromSeconds(3.9)), window => Assert.Equal(0, window.Quality.Cuts));
    }

    private static async Task<List<Seen>> FramesAsync(CameraRig rig, SourceOptions options, FrameSpec? picture = null)
    {
        var seen = new List<Seen>();
        await foreach (var frame in rig.Ffmpeg(options, picture).ReadAsync(0, CameraRig.Soon(30)))
        {
            using (frame)
            {
                seen.Add(new(frame.Time.Presentation, frame.Pixels.ToArray(), frame.IsDamaged));
            }
        }

        return seen;
    }

    private static List<(ClipTime Time, ClipQuality Quality)> Assemble(CameraRig rig, IEnumerable<Seen> frames, FrameSpec? picture = null)
    {
        var size = (picture ?? CameraRig.Small).Size;
        var clips = new List<Clip>();
        using var assembler = new ClipAssembler(
            "cam", Window, size, TimeProvider.System, new FrameInspector(size, new QualityOptions().FrozenAfter));
        foreach (var seen in frames)
        {
            var block = rig.Pool.Rent(size.Bytes);
            seen.Pixels.CopyTo(block.Span);
            using var frame = new Frame(new FrameTime(0, seen.Time, 0), size, block) { IsDamaged = seen.IsDamaged };
            assembler.Add(frame, clips);
        }

        clips.ForEach(clip => clip.Dispose());
        return [.. clips.Select(clip => (clip.Time, clip.Quality))];
    }

    private static async Task<Heard> PlayAsync(CameraRig rig, string url, string name = "cam")
    {
        using var meter = new Meter("clips");
        using var heard = new Heard(rig.Meters, name);
        await using var clips = new StageChannel<Clip>(new StageChannelOptions(256), new StageMeter(meter, "infer"));
        await IngestStage.Create(name, CameraRig.Source(url), Window, CameraRig.Small, rig.Services, clips, heard)
            .RunAsync(CameraRig.Soon(30));
        clips.Complete();
        await foreach (var clip in clips.Reader.ReadAllAsync())
        {
            using (clip)
            {
                heard.Seen.Add(clip.Time);
            }
        }

        return heard;
    }

    private sealed record Seen(TimeSpan Time, byte[] Pixels, bool IsDamaged);

    /// <summary>What a camera said and gave.</summary>
    private sealed class Heard : IProgress<StreamStatus>, IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly Dictionary<string, long> _skipped = [];

        public Heard(IngestMeters meters, string camera)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument, meters.Skipped))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
            {
                var words = tags.ToArray().ToDictionary(tag => tag.Key, tag => $"{tag.Value}");
                if (words["camera"] == camera)
                {
                    _skipped[words["reason"]] = _skipped.GetValueOrDefault(words["reason"]) + count;
                }
            });
            _listener.Start();
        }

        public List<StreamStatus> Said { get; } = [];

        public List<ClipTime> Seen { get; } = [];

        public long Skipped(string reason) => _skipped.GetValueOrDefault(reason);

        public void Report(StreamStatus value) => Said.Add(value);

        public void Dispose() => _listener.Dispose();
    }
}
