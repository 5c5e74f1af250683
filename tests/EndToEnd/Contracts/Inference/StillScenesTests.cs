using System.Diagnostics;
using ActionStream.Core.Configuration;
using ActionStream.Core.Files;
using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Inference;
using ActionStream.Inference.Configuration;
using ActionStream.Inference.Scoring;
using ActionStream.Models;
using ActionStream.Models.Graphs;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Contracts.Inference;

/// <summary>What stands still is computed once, and nobody can tell by the answers.</summary>
public sealed class StillScenesTests(ModelFolderFixture mini, ITestOutputHelper output) : IClassFixture<ModelFolderFixture>
{
    private const int Steps = 8;

    private static readonly Dictionary<string, Func<long, long>> Scenes = new()
    {
        ["still"] = _ => 0,
        ["half still"] = index => index / 20 % 2 == 0 ? 0 : index, // stands for longer than a window, moves for longer than one
        ["flickering"] = index => index / 2 % 3, // the same tubelets over and over, no two neighbours alike
        ["held"] = index => index / 2, // a slower camera: each frame twice
        ["moving"] = index => index,
    };

    [Theory]
    // The last number: tubelets that should be computed, 0 for whatever it comes to.
    [InlineData("still", Precision.Fp32, 2, 1)]
    [InlineData("still", Precision.Fp32, 1, 1)]
    [InlineData("half still", Precision.Fp32, 2, 0)]
    [InlineData("half still", Precision.Fp32, 3, 0)]
    [InlineData("flickering", Precision.Fp32, 2, 3)]
    [InlineData("held", Precision.Fp32, 2, 47)]
    [InlineData("moving", Precision.Fp32, 2, 47)]
    [InlineData("still", Precision.Int8, 2, 1)]
    [InlineData("half still", Precision.Int8, 2, 0)]
    [InlineData("moving", Precision.Int8, 2, 47)]
    public void Answers_are_those_of_computing_everything_to_the_last_bit(string scene, Precision precision, int hop, int computed)
    {
        using var folder = new BuiltFolder(mini, precision);
        using var model = Load(folder.Path, folder.Card);
        using var everything = Load(folder.Path, folder.Card);
        using var fast = model.OpenScorer(model.Policy);
        using var sure = everything.OpenScorer(everything.Policy, seesRepeats: false);
        using var recording = new Pictures(Scenes[scene]);
        var answers = new HashSet<string>();
        for (var window = 0; window < 40; window++)
        {
            using var clip = recording.Window(window / 20, window * hop); // a gap in the middle
            everything.Forget("front");
            var (ours, all) = (fast.Score([clip]).ToArray(), sure.Score([clip]).ToArray());
            Assert.True(ours.AsSpan().SequenceEqual(all), $"window {window}: {string.Join(" ", ours)} and {string.Join(" ", all)}");
            answers.Add(string.Join(" ", ours));
        }

        var counts = fast.TakeCounts();
        output.WriteLine($"{scene}, hop {hop}, {precision}: {counts}, {answers.Count} different answers");
        Assert.Equal(40 * Steps, counts.Hits + counts.Repeats + counts.Misses);
        Assert.Equal(new(0, 0, 40 * Steps, 0), sure.TakeCounts());
        Assert.True(counts.Answers <= 40 - answers.Count, "a new answer was not computed");
        Assert.True(computed == 0 || computed == counts.Misses, $"{counts.Misses} computed, expected {computed}");
        switch (scene)
        {
            case "still":
                Assert.Equal((39, 1), (counts.Answers, answers.Count));
                break;
            case "half still":
                Assert.InRange(counts.Repeats, 20, 40 * Steps);
                Assert.True(counts.Answers > 0);
                break;
            case "moving":
                Assert.Equal((0, 40), (counts.Answers, answers.Count));
                break;
        }
    }

    [Fact]
    public void Where_the_model_looked_on_a_still_scene_is_what_whole_windows_say()
    {
        using var model = Load(mini.Folder, mini.Card);
        using var full = Load(mini.Folder, mini.Card, new() { Windows = WindowPath.Full });
        using var fast = model.OpenScorer(model.Policy);
        using var sure = full.OpenScorer(full.Policy);
        using var recording = new Pictures(Scenes["still"]);
        full.WantAttention("front", true);
        for (var window = 0; window < 12; window++)
        {
            model.WantAttention("front", window >= 6); // what is known by then lacks its map
            using var clip = recording.Window(0, window * 2);
            fast.Score([clip]);
            sure.Score([clip]);
            Assert.Equal(window >= 6 ? sure.AttentionOf(0).ToArray() : [], fast.AttentionOf(0).ToArray());
        }

        var counts = fast.TakeCounts();
        output.WriteLine($"{counts}");
        Assert.Equal(2, counts.Misses); // once without the map, once with it
    }

    [Fact]
    public void In_one_batch_those_that_stand_still_and_those_that_move_get_their_own_answers()
    {
        InferenceOptions options = new() { Batch = new() { MaxSize = 3 } };
        using var model = Load(mini.Folder, mini.Card, options);
        using var everything = Load(mini.Folder, mini.Card);
        using var fast = model.OpenScorer(model.Policy);
        using var sure = everything.OpenScorer(everything.Policy, seesRepeats: false);
        using var still = new Pictures(Scenes["still"]);
        using var moving = new Pictures(Scenes["moving"]);
        for (var window = 0; window < 6; window++)
        {
            Clip[] clips =
            [
                still.Window(0, window * 2, "front"), moving.Window(0, window * 2, "yard"), still.Window(0, 100 + (window * 2), "hall"),
            ];
            var answers = fast.Score(clips).ToArray().Chunk(mini.Card.Labels.Count).ToArray();
            foreach (var (i, clip) in clips.Index())
            {
                everything.Forget(clip.Stream);
                Assert.True(Graphs.Difference(answers[i], sure.Score([clip]).ToArray()) <= 1e-5, $"window {window}, {clip.Stream}");
                clip.Dispose();
            }

            Assert.Equal(window > 0, answers[0].SequenceEqual(answers[2]) && fast.TakeCounts().Answers == 2);
        }
    }

    [Fact]
    public void Another_model_knows_nothing_of_what_the_former_computed()
    {
        using var folder = new TemporaryFolder("still");
        var built = ModelBuilder.Build(
            "factorised-tokenlearner-vivit-mini", new BuildOptions { Split = true, Seed = 2 }, folder.Path);
        using var recording = new Pictures(Scenes["still"]);
        float[] Answer(LoadedModel model, int window)
        {
            using var scorer = model.OpenScorer(model.Policy);
            using var clip = recording.Window(0, window);
            var answer = scorer.Score([clip]).ToArray();
            Assert.Equal(window == 0 ? new(0, Steps - 1, 1, 0) : new(Steps - 1, 1, 0, 1), scorer.TakeCounts());
            return answer;
        }

        using var former = Load(mini.Folder, mini.Card);
        using var next = Load(folder.Path, built.Card);
        var (its, mine) = (Answer(former, 0), Answer(next, 0));
        Assert.NotEqual(its, mine);
        Assert.Equal(its, Answer(former, 2)); // another worker's scorer has the same cache
        Assert.Equal(mine, Answer(next, 2));
    }

    [Fact]
    public void The_self_check_holds_answers_against_the_whole_model_on_still_scenes_too()
    {
        var clock = new ShiftedClock();
        using var model = Load(mini.Folder, mini.Card, new() { SelfCheck = TimeSpan.FromMinutes(10) }, clock);
        using var scorer = model.OpenScorer(model.Policy);
        using var recording = new Pictures(Scenes["still"]);
        var checks = model.SelfCheck!.Checks;
        for (var window = 0; window < 4; window++)
        {
            clock.Shift += TimeSpan.FromMinutes(11);
            using var clip = recording.Window(0, window * 2);
            scorer.Score([clip]);
        }

        output.WriteLine($"difference {model.SelfCheck.Difference:e1}, {scorer.TakeCounts()}");
        Assert.Equal((checks + 4, 0L, true), (model.SelfCheck.Checks, model.SelfCheck.Failures, model.SelfCheck.IsTrusted));
    }

    [Fact]
    public void A_still_window_costs_a_small_part_of_a_moving_one_and_allocates_nothing()
    {
        using var model = Load(mini.Folder, mini.Card);
        using var scorer = model.OpenScorer(model.Policy);
        double Milliseconds(string scene)
        {
            using var recording = new Pictures(Scenes[scene]);
            var times = new List<double>(60);
            Clip[][] windows = [.. Enumerable.Range(0, 60).Select(window => new[] { recording.Window(0, window * 2, scene) })];
            var before = GC.GetAllocatedBytesForCurrentThread();
            foreach (var window in windows)
            {
                before = times.Count == 20 ? GC.GetAllocatedBytesForCurrentThread() : before;
                var began = Stopwatch.GetTimestamp();
                scorer.Score(window);
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }

            var allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / 40.0;
            Assert.True(allocated <= 64, $"{scene}: {allocated} bytes per window");
            Array.ForEach(windows, window => window[0].Dispose());
            return times[20..].Order().ElementAt(20);
        }

        var (moving, still) = (Milliseconds("moving"), Milliseconds("still"));
        output.WriteLine($"moving {moving:f3} ms, still {still:f4} ms, {moving / still:f0} times");
        Assert.True(still * 5 < moving, $"moving {moving} ms, still {still} ms");
    }

    private static LoadedModel Load(string folder, ModelCard card, InferenceOptions? options = null, TimeProvider? time = null) =>
        LoadedModel.Load(
            folder, card, new ConfigCheck("card.yaml"), (options ?? new()) with { Device = DeviceRequest.Cpu },
            time ?? TimeProvider.System, NullLogger<LoadedModel>.Instance);

    /// <summary>The model of the other tests, or the same in whole numbers.</summary>
    private sealed class BuiltFolder : IDisposable
    {
        private readonly TemporaryFolder? _own;

        public BuiltFolder(ModelFolderFixture mini, Precision precision)
        {
            (Path, Card) = (mini.Folder, mini.Card);
            if (precision != Precision.Fp32)
            {
                _own = new("still");
                Path = _own.Path;
                Card = ModelBuilder.Build(
                    "factorised-tokenlearner-vivit-mini", new BuildOptions { Split = true, Precision = precision }, Path).Card;
            }
        }

        public string Path { get; }

        public ModelCard Card { get; }

        public void Dispose() => _own?.Dispose();
    }

    /// <summary>The machine's clock, and whatever the test adds to it.</summary>
    private sealed class ShiftedClock : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override long GetTimestamp() => base.GetTimestamp() + (long)(Shift.TotalSeconds * TimestampFrequency);
    }

    /// <summary>A scene by its rule from grid index to picture. Every frame has memory of its own, as a camera's have.</summary>
    private sealed class Pictures(Func<long, long> scene) : IDisposable
    {
        private static readonly FrameSize Size = new(112, 112);

        private readonly PixelPool _pool = new();
        private readonly Dictionary<long, PixelBlock> _frames = [];

        public Clip Window(int segment, long start, string stream = "front") => new(
            stream, new ClipTime(0, segment, start, default, default, default, 0, 0), new ClipQuality(16, 0, default), Size,
            [.. Enumerable.Range(0, 16).Select(i => Frame(start + i).Share())]);

        public void Dispose()
        {
            foreach (var frame in _frames.Values)
            {
                frame.Dispose();
            }

            Assert.Equal(0, _pool.InUse);
            _pool.Dispose();
        }

        private PixelBlock Frame(long index)
        {
            if (!_frames.TryGetValue(index, out var frame))
            {
                frame = _frames[index] = _pool.Rent(Size.Bytes);
                new Random((int)scene(index)).NextBytes(frame.Span);
            }

            return frame;
        }
    }
}
