using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;
using ActionStream.Models.Networks;

namespace ActionStream.Models.Conv3DBert;

/// <summary>How a clip's feature vectors become an answer.</summary>
/// <param name="Heads">Heads of the BERT; 0 averages over time instead (TGAP, the papers' baseline).</param>
/// <param name="Normalise">Bring each feature vector to length 1 before the BERT, as the I3D models do.</param>
/// <param name="Classifier">Name of the last linear map.</param>
internal sealed record LateTemporalHead(int Heads, bool Normalise = false, string Classifier = "fc_action");

/// <summary>A 3D CNN that looks at short lengthens of time, and a BERT that looks at the whole clip (Kalfaoglu et al. 2020).</summary>
internal sealed class LateTemporalNetwork : INetwork
{
    private readonly ITrunk _trunk;
    private readonly LateTemporalHead _head;
    private readonly ClipInput _pixels;
    private readonly TemporalBert? _bert;
    private readonly Linear _classifier;

    /// <param name="pixels">What the trunk was trained to see.</param>
    public LateTemporalNetwork(Weights weights, ITrunk trunk, LateTemporalHead head, ClipInput pixels, int frames, int classes)
    {
        (_trunk, _head, _pixels) = (trunk, head, pixels);
        _bert = head.Heads > 0 ? new(weights / "bert", new(StepsOf(frames, trunk), trunk.Width, head.Heads)) : null;
        _classifier = new(weights / head.Classifier, trunk.Width, classes);
    }

    /// <summary>The whole clip.</summary>
    /// <param name="frames">[N, T, H, W, 3]</param>
    /// <returns>[N, K] logits.</returns>
    public Tensor Apply(Tensor frames) => Classify(_pixels.Apply(frames));

    /// <param name="clip">[N, 3, T, H, W], normalised.</param>
    /// <returns>[N, K] logits.</returns>
    public Tensor Classify(Tensor clip)
    {
        var map = _trunk.Apply(clip);                                                     // [N, d, L, h, w]
        if (_bert is null)
        {
            return _classifier.Apply(map.MeanBehind(2).Mark("avgpool"));                  // [N, K]
        }

        var pooled = map.MeanBehind(3).Mark("avgpool", x => x.Reshape([.. x.Shape, 1, 1]));      // [N, d, L]
        var features = pooled.Transpose(0, 2, 1).Mark("input_vectors", Unit); // [N, L, d]   what the reference gives beside the logits
        var attended = _bert.Apply(_head.Normalise ? Unit(features) : features)              // [N, 1 + L, d]
            .Mark("bert_out").Mark("sequence_out", x => Unit(x.Slice(1, 1, (int)x.Shape[1].Factor)));
        return _classifier.Apply(attended.Pick(1, 0));                                       // [N, K]
    }

    /// <summary>Every vector of the last axis at length 1. No epsilon: the reference has none.</summary>
    private static Tensor Unit(Tensor x) => x.Divide(((x * x).Mean(-1, keep: true) * x.Shape[^1].Factor).Sqrt());

    private static int StepsOf(int frames, ITrunk trunk) =>
        Enumerable.Range(0, trunk.Halvings).Aggregate(frames, (steps, _) => (steps + 1) / 2);
}
