using ActionStream.EndToEnd.Contracts.Inference;
using ActionStream.EndToEnd.Support;
using ActionStream.Inference.Onnx;
using ActionStream.Models;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;
using ActionStream.Models.Networks;
using ActionStream.Models.TokenLearner;
using ActionStream.Models.Verifying;

namespace ActionStream.EndToEnd.Contracts.Models;

/// <summary>Models as they are shipped, with bytes in and in two halves, still give the reference's numbers.</summary>
public sealed class PublishedFormTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actionstream-shipped-").FullName;

    [NeedsTheory("shared")]
    [InlineData(ElementType.U8, GraphForm.Cpu)]
    [InlineData(ElementType.F32, GraphForm.Cpu)]
    [InlineData(ElementType.U8, GraphForm.Gpu)]
    public void A_shipped_model_is_held_against_a_reference_past_its_prelude(ElementType type, GraphForm form)
    {
        var (golden, network, measures) = FactorisedEncoder();
        var model = Path.Combine(_folder, "model.onnx");
        OnnxFile.Save(ModelGraphs.Whole(network, measures, type, form), model);

        var copy = Path.Combine(_folder, "copy.onnx");
        var input = PastPrelude.Write(model, golden, copy);
        var results = OnnxRun.Run(
            copy, new Dictionary<string, (IReadOnlyList<int>, float[])> { [input.Name] = (input.Shape, input.Values) });

        Assert.True(Verification.Of(golden, PastPrelude.Answer(results)).IsGood);
    }

    [NeedsFact("shared")]
    public void Halves_of_a_factorised_ViViT_give_what_its_reference_gave_for_the_whole()
    {
        var (golden, network, measures) = FactorisedEncoder();
        using var encoder = Graphs.Open(ModelGraphs.FrameEncoder(network, measures, ElementType.F32));
        using var head = Graphs.Open(ModelGraphs.TemporalHead(network, measures));
        var clips = golden.Read("input");
        var expected = golden.Read("output");

        // [2, 8, 64, 64, 3]: tubelets follow one another, clip after clip.
        var tubelet = clips.Values.Length / (2 * 4);
        var tokens = Enumerable.Range(0, 2 * 4)
            .SelectMany(i => encoder.Run(clips.Values[(i * tubelet)..((i + 1) * tubelet)], 1, 2, 64, 64, 3)).ToArray();
        var logits = head.Run(tokens, 2, 4, network.Tokens, network.TokenWidth);

        Assert.Equal((2, 1, 48), (network.Tubelet, network.Tokens, network.TokenWidth));
        Assert.True(Graphs.Difference(logits, expected.Values) <= golden.Tolerances.Output);
    }

    [Fact]
    public void Odd_measures_and_any_batch_agree_in_every_form()
    {
        // Pixels that fill no patch are not seen, in any form; nothing here is a multiple of anything.
        var measures = new Measures(7, 43, 35, 3);
        var network = new TokenLearnerViT(new Weights(new SeededWeights(4)), new(
            7, new PatchGrid(3, 10, 8, 43, 35), new EncoderShape(3, 30, 5, 50),
            new TokenLearning(3, 1, TokenLearnerVersion.V10, HasFuser: true), TokenSummary.Max, 11, 3));
        var random = new Random(2);
        var clip = Enumerable.Range(0, 3 * 7 * 43 * 35 * 3).Select(_ => (random.NextSingle() * 2) - 1).ToArray();
        float[] Run(GraphForm form)
        {
            using var session = Graphs.Open(ModelGraphs.Whole(network, measures, ElementType.F32, form));
            return session.Run(clip, 3, 7, 43, 35, 3);
        }

        var textbook = Run(GraphForm.Portable);
        Assert.Equal(9, textbook.Length);
        Assert.True(Graphs.Difference(Run(GraphForm.Cpu), textbook) <= 1e-5);
        Assert.True(Graphs.Difference(Run(GraphForm.Gpu), textbook) <= 1e-5);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static (GoldenFile Golden, FactorisedViViT Network, Measures Measures) FactorisedEncoder()
    {
        var path = Path.Combine(Parts.Shared, "golden", "vivit_fe.safetensors");
        var encoder = new EncoderShape(2, 48, 3, 96);
        var network = new FactorisedViViT(
            new Weights(SafeTensors.Open(path)),
            new(8, new PatchGrid(2, 16, 64, 64), encoder, encoder, HasClass: true, Representation: null, 10));
        return (GoldenFile.Open(path), network, new(8, 64, 64, 10));
    }
}
