using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;

namespace ActionStream.Models.Conv3DBert;

/// <summary>Measures of a <see cref="TemporalBert"/>.</summary>
/// <param name="Steps">L, feature vectors of a clip.</param>
/// <param name="Width">d, channels of a feature vector.</param>
/// <param name="Heads">Parts that attend alone.</param>
internal sealed record BertShape(int Steps, int Width, int Heads);

/// <summary>One transformer block over a clip's feature vectors and a class token, in place of averaging them
/// over time (Kalfaoglu et al. 2020).</summary>
internal sealed class TemporalBert
{
    private readonly BertShape _shape;
    private readonly string _path;
    private readonly Weight _cls;
    private readonly Weight _places;
    private readonly BertNorm _norm1;
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _out;
    private readonly BertNorm _norm2;
    private readonly Linear _widen;
    private readonly Linear _narrow;

    public TemporalBert(Weights weights, BertShape shape)
    {
        (_shape, _path) = (shape, weights.Path);
        var width = shape.Width;
        _cls = weights.Get("clsToken", 1, 1, width);
        _places = (weights / "embedding" / "learnedPosition").Get("pe", 1, shape.Steps + 1, width);
        var block = weights / "transformer_blocks" / "0";
        _norm1 = new(block / "input_sublayer" / "norm", width);
        _query = new(block / "attention" / "linear_layers" / "0", width, width);
        _key = new(block / "attention" / "linear_layers" / "1", width, width);
        _value = new(block / "attention" / "linear_layers" / "2", width, width);
        _out = new(block / "attention" / "output_linear", width, width);
        _norm2 = new(block / "output_sublayer" / "norm", width);
        _widen = new(block / "feed_forward" / "w_1", width, 4 * width);
        _narrow = new(block / "feed_forward" / "w_2", 4 * width, width);
    }

    /// <param name="features">[N, L, d]</param>
    /// <returns>[N, 1 + L, d], the class token first. No norm follows the block.</returns>
    public Tensor Apply(Tensor features)
    {
        var graph = features.Graph;
        using var _ = graph.Within(_path);
        var cls = graph.Use(_cls).ExpandLike(features, 0);                                    // [N, 1, d]
        var x = Arranging.Concat(1, cls, features) + graph.Use(_places);                      // [N, 1 + L, d]
        var asked = _norm1.Apply(x);
        x += _out.Apply(_query.Apply(asked).Attend(_key.Apply(asked), _value.Apply(asked), _shape.Heads));
        x += _narrow.Apply(_widen.Apply(_norm2.Apply(x)).GeluTanh());
        return x;
    }
}

/// <summary>The layer norm of this BERT: the deviation divides by d-1, and epsilon is added to it, not under the root.</summary>
internal sealed class BertNorm(Weights weights, int width)
{
    private const float Epsilon = 1e-6f;

    private readonly Weight _scale = weights.Get("a_2", width);
    private readonly Weight _bias = weights.Get("b_2", width);

    /// <param name="x">[…, d] in, […, d] out.</param>
    public Tensor Apply(Tensor x)
    {
        var graph = x.Graph;
        using var _ = graph.Within(weights.Path);
        var centred = x - x.Mean(-1, keep: true);
        var variance = (centred * centred).Mean(-1, keep: true) * (width / (width - 1f));
        return (centred.Divide(variance.Sqrt() + Epsilon) * graph.Use(_scale)) + graph.Use(_bias);
    }
}
