using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using ActionStream.Core.Configuration;
using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.EndToEnd.Support;
using ActionStream.Inference;
using ActionStream.Inference.Batching;
using ActionStream.Inference.Configuration;
using ActionStream.Inference.Scoring;
using ActionStream.Models;
using ActionStream.Models.Graphs;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Contracts.Inference;

/// <summary>The invariant of streaming, in the engine itself: answers from cached tokens are those of the whole window.</summary>
public sealed class TokenPathTests(ModelFolderFixture mini, ITestOutputHelper output) : IClassFixture<ModelFolderFixture>
{
    private static readonly FrameSize Size = new(112, 112);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(16)]
    public void Kept_tokens_answer_like_whole_windows_after_gaps_reconnections_and_windows_that_were_shed(int hop)
    {
        using var cached = Load(mini.Folder, mini.Card, new() { Device = DeviceRequest.Cpu, Windows = WindowPath.Cached });
        using var full = Load(mini.Folder, mini.Card, new() { Device = DeviceRequest.Cpu, Windows = WindowPath.Full });
        using var fast = cached.OpenScorer(cached.Policy);
        using var sure = full.OpenScorer(full.Policy);
        using var recording = new Recording(seed: hop);
        var random = new Random(hop);
        var worst = 0f;
        var (epoch, segment, start) = (0, 0, 0L);
        for (var window = 0; window < 60; window++)
        {
            switch (random.Next(12))
            {
                case 0:
                    (segment, start) = (segment + 1, start + 100); // a gap
                    break;
                case 1:
                    (epoch, segment, start) = (epoch + 1, 0, random.Next(-9, 9)); // another connection, with times of its own
                    break;
                case 2:
                    start += 3 * hop; // windows that were shed
                    break;
                default:
                    start += hop;
                    break;
            }

            // Equal keys mean equal pixels; another connection shows other pictures at the same index.
            using var clip = recording.Window("front", epoch, segment, start);
            var fromTokens = fast.Score([clip]).ToArray();
            var whole = sure.Score([clip]);
            for (var i = 0; i < whole.Length; i++)
            {
                worst = Math.Max(worst, Math.Abs(fromTokens[i] - whole[i]));
            }
        }

        var counts = fast.TakeCounts();
        var (hits, misses) = (counts.Hits, counts.Misses);
        output.WriteLine($"hop {hop}: largest difference {worst:e1}, {hits} tubelets known, {misses} computed");
        Assert.True(worst < 1e-4, $"{worst:e1}");
        Assert.Equal((60 * 8, 0), (hits + misses, counts.Repeats));
        Assert.True(hop >= 16 || hits > misses / 2, $"{hits} known, {misses} computed");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(16)]
    public void Where_the_model_looked_is_the_same_to_the_last_bit_from_kept_tubelets_and_from_whole_windows(int hop)
    {
        using var cached = Load(mini.Folder, mini.Card, new() { Device = DeviceRequest.Cpu, Windows = WindowPath.Cached });
        using var full = Load(mini.Folder, mini.Card, new() { Device = DeviceRequest.Cpu, Windows = WindowPath.Full });
        using var fast = cached.OpenScorer(cached.Policy);
        using var sure = full.OpenScorer(full.Policy);
        using var recording = new Recording(seed: hop);
        float[]? last = null;
        for (var window = 0; window < 24; window++)
        {
            // Asked for while it runs: tubelets whose tokens are kept already lack their maps.
            cached.WantAttention("front", window >= 4);
            full.WantAttention("front", window >= 4);
            using var clip = recording.Window("front", window / 12, 0, window * hop);
            using var other = recording.Window("yard", 9, 0, window * hop);
            fast.Score([clip]);
            sure.Score([clip]);
            var (mine, its) = (fast.AttentionOf(0).ToArray(), sure.AttentionOf(0).ToArray());
            Assert.Equal(window >= 4 ? 49 : 0, mine.Length);
            Assert.Equal(its, mine);
            if (mine.Length > 0)
            {
                Assert.Equal(1, mine.Sum(), 1e-5);
                Assert.NotEqual(last, mine);
                last = mine;
            }

            fast.Score([other]);
            sure.Score([other]);
            Assert.True(fast.AttentionOf(0).IsEmpty && sure.AttentionOf(0).IsEmpty);
        }
    }

    [Fact]
    public void In_one_batch_each_clip_has_its_own_gaze_and_those_that_are_not_asked_for_have_none()
    {
        using var cached = Load(mini.Folder, mini.Card, new() { Device = DeviceRequest.Cpu, Batch = new() { MaxSize = 3 } });
        using var full = Load(
            mini.Folder, mini.Card, new() { Device = DeviceRequest.Cpu, Windows = WindowPath.Full, Batch = new() { MaxSize = 3 } });
        foreach (var model in new[] { cached, full })
        {
            model.WantAttention("a", true);
            model.WantAttention("c", true);
        }

        using var fast = cached.OpenScorer(cached.Policy);
        using var sure = full.OpenScorer(full.Policy);
        using var recording = new Recording(seed: 5);
        for (var start = 0L; start < 12; start += 2)
        {
            Clip[] batch = [.. new[] { "a", "b", "c" }.Select((stream, i) => recording.Window(stream, i, 0, start))];
            fast.Score(batch);
            sure.Score(batch);
            Assert.Equal([49, 0, 49], Enumerable.Range(0, 3).Select(i => fast.AttentionOf(i).Length));
            Assert.All(Enumerable.Range(0, 3), i => Assert.Equal(sure.AttentionOf(i).ToArray(), fast.AttentionOf(i).ToArray()));
            Assert.NotEqual(fast.AttentionOf(0).ToArray(), fast.AttentionOf(2).ToArray());
            Array.ForEach(batch, clip => clip.Dispose());
        }
    }

    [MeasureFact]
    public void What_knowing_where_the_model_looks_costs_a_decision()
    {
        foreach (var (path, hop) in ((WindowPath, int)[])[(WindowPath.Cached, 4), (WindowPath.Full, 4)])
        {
            using var model = Load(mini.Folder, mini.Card, new() { Device = DeviceRequest.Cpu, Windows = path });
            model.WantAttention("with", true);
            using var scorer = model.OpenScorer(model.Policy);
            using var recording = new Recording(seed: 1);
            var next = new Dictionary<string, Queue<Clip>>
            {
                ["with"] = new(Enumerable.Range(0, 201).Select(i => recording.Window("with", 0, 0, hop * i))),
                ["without"] = new(Enumerable.Range(0, 201).Select(i => recording.Window("without", 0, 0, hop * i))),
            };
            void Decide(string stream)
            {
                using var clip = next[stream].Dequeue();
                scorer.Score([clip]);
            }

            var (with, without, ratio) = Timing.OfPairs(() => Decide("with"), () => Decide("without"), 200);
            output.WriteLine(System.FormattableString.Invariant($"{path}, hop {hop}: with {with}, without {without}, ratio {ratio:0.000}, {1000 * (with.Median - without.Median):0} us more"));
            Assert.True(path == WindowPath.Full || ratio < 1.1, $"{ratio}");
        }
    }

    [Fact]
    public void Streams_do_not_see_each_others_tokens_in_one_batch()
    {
        using var cached = Load(mini.Folder, mini.Card, new() { Device = DeviceRequest.Cpu, Batch = new() { MaxSize = 3 } });
        using var full = Load(mini.Folder, mini.Card, new() { Device = DeviceRequest.Cpu, Windows = WindowPath.Full });
        using var fast = cached.OpenScorer(cached.Policy);
        using var sure = full.OpenScorer(full.Policy);
        using var recording = new Recording(seed: 5);
        for (var start = 0L; start < 12; start += 2)
        {
            Clip[] batch = [.. new[] { "a", "b", "c" }.Select((stream, i) => recording.Window(stream, i, 0, start))];
            var answers = fast.Score(batch).ToArray();
            foreach (var (i, clip) in batch.Index())
            {
                using (clip)
                {
                    var whole = sure.Score([clip]).ToArray();
                    Assert.All(whole.Index(), at => Assert.Equal(at.Item, answers[(i * whole.Length) + at.Index], 1e-4));
                }
            }
        }
    }

    [Fact]
    public void A_camera_that_was_changed_never_meets_the_tokens_of_its_former_life()
    {
        using var cached = Load(mini.Folder, mini.Card, new() { Device = DeviceRequest.Cpu, Windows = WindowPath.Cached });
        using var full = Load(mini.Folder, mini.Card, new() { Device = DeviceRequest.Cpu, Windows = WindowPath.Full });
        using var fast = cached.OpenScorer(cached.Policy);
        using var sure = full.OpenScorer(full.Policy);
        using var before = new Recording(seed: 1);
        using var after = new Recording(seed: 2);
        float[] Answer(Recording recording)
        {
            using var clip = recording.Window("front", 0, 0, 0); // the same connection number, the same place on the grid
            return fast.Score([clip]).ToArray();
        }

        var former = Answer(before);
        Assert.Equal(former, Answer(after)); // without forgetting it would be answered from the wrong pictures: the trap is real
        cached.Forget("front");
        var own = Answer(after);

        using var whole = after.Window("front", 0, 0, 0);
        var expected = sure.Score([whole]).ToArray();
        Assert.NotEqual(former, own);
        Assert.All(expected.Index(), at => Assert.Equal(at.Item, own[at.Index], 1e-4));
    }

    [Fact]
    public void A_decision_allocates_nothing()
    {
        using var model = Load(mini.Folder, mini.Card, new() { Device = DeviceRequest.Cpu });
        using var scorer = model.OpenScorer(model.Policy);
        using var recording = new Recording(seed: 1);
        Clip[][] windows = [.. Enumerable.Range(0, 40).Select(i => new[] { recording.Window("front", 0, 0, 2 * i) })];
        Array.ForEach(windows[..20], window => scorer.Score(window));

        var before = GC.GetAllocatedBytesForCurrentThread();
        Array.ForEach(windows[20..], window => scorer.Score(window));
        var perWindow = (GC.GetAllocatedBytesForCurrentThread() - before) / 20.0;
        output.WriteLine($"{perWindow} bytes per window");
        Array.ForEach(windows, window => window[0].Dispose());
        Assert.True(perWindow <= 64, $"{perWindow} bytes per window");
    }

    [Fact]
    public void What_a_decision_costs_is_known_before_the_first()
    {
        using var model = Load(mini.Folder, mini.Card, new() { Device = DeviceRequest.Cpu });
        using var full = Load(mini.Folder, mini.Card, new() { Device = DeviceRequest.Cpu, Windows = WindowPath.Full });
        using var recording = new Recording(seed: 1);
        using var clip = recording.Window("front", 0, 0, 0);
        using var scorer = model.OpenScorer(model.Policy);

        Assert.True(model.Costs.KeepsTokens);
        Assert.Equal(new(1, 8), model.WorkOf(clip));
        scorer.Score([clip]);
        Assert.Equal(new(1, 0), model.WorkOf(clip));
        Assert.Equal(new(1, 0), full.WorkOf(clip));
        Assert.True(full.Costs.Of(new(1, 0)) > model.Costs.Of(new(1, 1)), $"{full.Costs.Of(new(1, 0))} and {model.Costs.Of(new(1, 1))}");
    }

    [Fact]
    public void Parts_that_are_not_the_models_are_found_out_at_the_start_and_windows_go_through_whole()
    {
        var folder = mini.Copy();
        var other = ModelBuilder.Build(
            "factorised-tokenlearner-vivit-mini", new BuildOptions { Split = true, Seed = 2 }, Path.Combine(folder, "other"));
        File.Copy(Path.Combine(folder, "other", "temporal_head.onnx"), Path.Combine(folder, "temporal_head.onnx"), overwrite: true);
        var head = mini.Card.Streaming!.TemporalHead with
        {
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, "temporal_head.onnx")))),
        };
        Assert.NotEqual(mini.Card.Streaming.TemporalHead.Sha256, head.Sha256);
        Assert.NotNull(other.Card.Streaming);
        using var model = Load(
            folder, mini.Card with { Streaming = mini.Card.Streaming with { TemporalHead = head } }, new() { Device = DeviceRequest.Cpu });
        using var full = Load(mini.Folder, mini.Card, new() { Device = DeviceRequest.Cpu, Windows = WindowPath.Full });
        using var recording = new Recording(seed: 1);
        using var clip = recording.Window("front", 0, 0, 0);
        using var scorer = model.OpenScorer(model.Policy);
        using var sure = full.OpenScorer(full.Policy);

        Assert.False(model.SelfCheck!.IsTrusted);
        Assert.True(model.SelfCheck.Failures > 0 && model.SelfCheck.Difference > 1e-2, $"{model.SelfCheck.Difference}");
        Assert.Equal(sure.Score([clip]).ToArray(), scorer.Score([clip]).ToArray());
    }

    [Fact]
    public void A_model_without_parts_cannot_be_told_to_keep_tokens()
    {
        var error = Assert.Throws<ConfigException>(
            () => Load(mini.Folder, mini.Card with { Streaming = null }, new() { Device = DeviceRequest.Cpu, Windows = WindowPath.Cached })
                .Dispose());
        Assert.Contains(
            "windows: cached was asked for. Build it with --split", Assert.Single(error.Problems).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vivit-b-16x2-fe", Precision.Fp32, 1)]
    [InlineData("factorised-tokenlearner-vivit-mini", Precision.Int8, 8)]
    public void Other_streamable_models_and_other_numbers_keep_tokens_too(string preset, Precision precision, int tokens)
    {
        using var temp = new TempFolder();
        var built = ModelBuilder.Build(
            preset, new BuildOptions { Split = true, Frames = 4, Size = 32, Classes = 5, Precision = precision }, temp.Path);
        using var model = Load(temp.Path, built.Card, new() { Device = DeviceRequest.Cpu, Windows = WindowPath.Cached });

        Assert.Equal((tokens, 2L, true), (built.Card.Streaming!.Tokens, model.SelfCheck!.Checks, model.SelfCheck.IsTrusted));
        output.WriteLine($"{preset} {precision}: the start's check found {model.SelfCheck.Difference:e1}");

        // Whole numbers take their scales from the batch, so that the two paths differ, and nobody promises otherwise.
        Assert.True(precision == Precision.Int8 ? built.Card.Streaming.Tolerance == 0 : model.SelfCheck.Difference <= 1e-4);
    }

    private static LoadedModel Load(string folder, ModelCard card, InferenceOptions options) =>
        LoadedModel.Load(folder, card, new ConfigCheck("card.yaml"), options, TimeProvider.System, NullLogger<LoadedModel>.Instance);

    private sealed class TempFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("actionstream-token-path-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }

    /// <summary>Pictures by epoch and grid index, the same whenever they are asked for.</summary>
    private sealed class Recording(int seed) : IDisposable
    {
        private readonly PixelPool _pool = new();
        private readonly Dictionary<(int Epoch, int Segment, long Index), PixelBlock> _frames = [];

        public Clip Window(string stream, int epoch, int segment, long start) => new(
            stream, new ClipTime(epoch, segment, start, default, default, default, 0, 0), new ClipQuality(16, 0, default), Size,
            [.. Enumerable.Range(0, 16).Select(i => Frame(epoch, segment, start + i).Share())]);

        public void Dispose()
        {
            foreach (var frame in _frames.Values)
            {
                frame.Dispose();
            }

            Assert.Equal(0, _pool.InUse);
            _pool.Dispose();
        }

        private PixelBlock Frame(int epoch, int segment, long index)
        {
            if (!_frames.TryGetValue((epoch, segment, index), out var frame))
            {
                frame = _frames[(epoch, segment, index)] = _pool.Rent(Size.Bytes);
                new Random(HashCode.Combine(seed, epoch, segment, index)).NextBytes(frame.Span);
            }

            return frame;
        }
    }
}
