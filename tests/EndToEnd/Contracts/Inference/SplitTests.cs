using ActionStream.Models;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Networks;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Contracts.Inference;

/// <summary>The invariant of streaming: tokens kept from earlier windows give what the whole window gives.</summary>
public sealed class SplitTests(ITestOutputHelper output)
{
    private static readonly Preset Mini = Presets.Named("factorised-tokenlearner-vivit-mini");

    [Theory]
    [InlineData(16, 2)]
    [InlineData(16, 4)]
    [InlineData(16, 8)]
    [InlineData(32, 2)]
    [InlineData(32, 6)]
    public void Kept_tokens_give_the_logits_of_the_whole_window(int frames, int hop)
    {
        var measures = Mini.Measures with { Frames = frames };
        var network = (IStreamingNetwork)Mini.Make(new Weights(new SeededWeights(7)), measures);
        using var whole = Graphs.Open(ModelGraphs.Whole(network, measures));
        using var encoder = Graphs.Open(ModelGraphs.FrameEncoder(network, measures));
        using var head = Graphs.Open(ModelGraphs.TemporalHead(network, measures));

        const int windows = 4;
        var frameBytes = measures.Height * measures.Width * 3;
        var stream = Video((frames + (hop * windows)) * frameBytes);
        var kept = new Dictionary<int, float[]>();
        var worst = 0.0;
        var encoded = 0;
        for (var window = 0; window < windows; window++)
        {
            var start = window * hop;
            var tokens = new List<float>();
            for (var at = start; at < start + frames; at += 2)
            {
                if (!kept.TryGetValue(at, out var known))
                {
                    known = kept[at] = encoder.Run(
                        stream[(at * frameBytes)..((at + 2) * frameBytes)], 1, 2, measures.Height, measures.Width, 3);
                    encoded++;
                }

                tokens.AddRange(known);
            }

            var cached = head.Run(tokens.ToArray(), 1, frames / 2, network.Tokens, network.TokenWidth);
            var full = whole.Run(
                stream[(start * frameBytes)..((start + frames) * frameBytes)], 1, frames, measures.Height, measures.Width, 3);
            worst = Math.Max(worst, cached.Zip(full).Max(pair => Math.Abs(pair.First - pair.Second)));
        }

        output.WriteLine($"{frames} frames, hop {hop}: {encoded} tubelets encoded, largest difference of logits {worst:e2}");
        Assert.Equal((frames / 2) + ((windows - 1) * hop / 2), encoded);
        Assert.True(worst <= 1e-4, $"largest difference {worst:e2}");
    }

    [Fact]
    public void Computing_the_class_token_alone_changes_nothing()
    {
        var network = (IStreamingNetwork)Mini.Make(new Weights(new SeededWeights(7)), Mini.Measures);
        using var exact = Graphs.Open(ModelGraphs.TemporalHead(network, Mini.Measures));
        using var textbook = Graphs.Open(ModelGraphs.TemporalHead(network, Mini.Measures, GraphForm.Portable));
        var random = new Random(3);
        var tokens = Enumerable.Range(0, 3 * 8 * 8 * 128).Select(_ => (random.NextSingle() * 4) - 2).ToArray();

        Assert.True(Graphs.Difference(exact.Run(tokens, 3, 8, 8, 128), textbook.Run(tokens, 3, 8, 8, 128)) <= 1e-5);
    }

    [Fact]
    public void A_batch_gives_each_clip_what_it_gets_alone()
    {
        var network = Mini.Make(new Weights(new SeededWeights(7)), Mini.Measures);
        using var session = Graphs.Open(ModelGraphs.Whole(network, Mini.Measures));
        var clips = Video(3 * 16 * 112 * 112 * 3);
        var together = session.Run(clips, 3, 16, 112, 112, 3);
        for (var i = 0; i < 3; i++)
        {
            var alone = session.Run(clips[(i * clips.Length / 3)..((i + 1) * clips.Length / 3)], 1, 16, 112, 112, 3);
            Assert.True(Graphs.Difference(together[(i * 16)..((i + 1) * 16)], alone) <= 1e-5);
        }
    }

    [Fact]
    public void Random_weights_answer_different_pictures_differently()
    {
        var network = Mini.Make(new Weights(new SeededWeights(1)), Mini.Measures);
        using var session = Graphs.Open(ModelGraphs.Whole(network, Mini.Measures));
        var bytes = 16 * 112 * 112 * 3;
        var answers = new[] { new byte[bytes], [.. Enumerable.Repeat((byte)200, bytes)], Video(bytes) }
            .Select(clip => session.Run(clip, 1, 16, 112, 112, 3)).ToList();
        foreach (var answer in answers)
        {
            output.WriteLine(string.Join(" ", answer.Select(logit => logit.ToString("f2"))));
            Assert.All(answer, logit => Assert.InRange(logit, -30, 30));
        }

        Assert.True(answers[0].Zip(answers[1]).Max(pair => Math.Abs(pair.First - pair.Second)) > 0.3);
        Assert.True(answers[1].Zip(answers[2]).Max(pair => Math.Abs(pair.First - pair.Second)) > 0.3);
    }

    // A bright square that drifts over noise: neighbouring frames differ, distant ones more.
    private static byte[] Video(int bytes)
    {
        var random = new Random(11);
        var video = new byte[bytes];
        random.NextBytes(video);
        const int side = 112;
        for (var i = 0; i < bytes; i++)
        {
            var (frame, y, x) = (i / (side * side * 3), i / (side * 3) % side, i / 3 % side);
            video[i] = (byte)((video[i] / 4) + (Math.Abs(x - (frame * 3 % side)) < 20 && Math.Abs(y - 50) < 25 ? 180 : 20));
        }

        return video;
    }
}
