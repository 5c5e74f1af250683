using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;
using ActionStream.Models.Networks;

namespace ActionStream.Models.TokenLearner;

/// <summary>Which TokenLearner.</summary>
internal enum TokenLearnerVersion
{
    /// <summary>Convolutions and a sigmoid; needs square maps.</summary>
    V10,

    /// <summary>A small MLP and a softmax over positions; the authors' later choice.</summary>
    V11,
}

/// <summary>What TokenLearner does in an encoder.</summary>
/// <param name="Tokens">S, tokens kept of each frame.</param>
/// <param name="At">The block before which it stands.</param>
/// <param name="HasFuser">Tokens go back into the map after every block from <paramref name="At"/>
/// on, instead of replacing it once.</param>
internal sealed record TokenLearning(int Tokens, int At, TokenLearnerVersion Version = TokenLearnerVersion.V11, bool HasFuser = false);

/// <summary>A transformer encoder whose later blocks see learned tokens instead of the whole map of each frame (scenic's
/// EncoderMod and EncoderModFuser).</summary>
/// <param name="steps">T', frames of the map.</param>
/// <param name="places">HW, positions of a frame.</param>
/// <param name="learning">Null makes it ViT's encoder.</param>
internal sealed class LearningEncoder(Weights weights, EncoderShape shape, int steps, int places, TokenLearning? learning)
{
    private readonly Weight _positions = (weights / "posembed_input").Get("pos_embedding", 1, steps * places, shape.Width);
    private readonly Layer[] _layers = [.. Enumerable.Range(0, shape.Layers).Select(layer => new Layer(
        new EncoderBlock(weights / $"encoderblock_{layer}", shape),
        learning is null || layer < learning.At || (layer > learning.At && !learning.HasFuser)
            ? null
            : Learner(weights, shape.Width, places, learning, layer - learning.At),
        learning is { HasFuser: true } && layer >= learning.At
            ? new TokenFuser(weights / $"TokenFuser_{layer - learning.At}", shape.Width, learning.Tokens)
            : null))];
    private readonly LayerNorm _norm = new(weights / "encoder_norm", shape.Width);

    /// <param name="x">[N, T'·HW, D], time first.</param>
    /// <returns>[N, T'·S, D], or [N, T'·HW, D] without TokenLearner or with a fuser.</returns>
    public Tensor Apply(Tensor x)
    {
        x = (x + x.Graph.Use(_positions)).Mark((weights / "posembed_input").Path);
        foreach (var (block, learner, fuser) in _layers)
        {
            var map = x;                                                            // [N, T'·HW, D]
            x = learner is null ? x : Joined(learner.Apply(ByFrame(x)));            // [N, T'·S, D]   each frame alone
            x = block.Apply(x);                                                     //                all frames together
            x = fuser is null ? x : map + Joined(fuser.Apply(ByFrame(x), ByFrame(map)));
        }

        return _norm.Apply(x);
    }

    // [N, T'·P, D] → [N·T', P, D] and back.
    private Tensor ByFrame(Tensor x) => x.Reshape(x.Shape[0] * steps, x.Shape[1].Over(steps)!.Value, shape.Width);

    private Tensor Joined(Tensor x) => x.Reshape(x.Shape[0].Over(steps)!.Value, x.Shape[1] * steps, shape.Width);

    private static ITokenLearner Learner(Weights weights, int width, int places, TokenLearning learning, int count)
    {
        if (learning.Version == TokenLearnerVersion.V11)
        {
            return new TokenLearner(weights / $"TokenLearnerModuleV11_{count}", width, learning.Tokens);
        }

        var side = (int)Math.Round(Math.Sqrt(places));
        return side * side == places
            ? new ConvTokenLearner(weights / $"TokenLearnerModule_{count}", width, learning.Tokens, side, side)
            : throw new ModelBuildException($"TokenLearner 1.0 in an encoder needs square maps; {places} positions are no square");
    }

    private sealed record Layer(EncoderBlock Block, ITokenLearner? Learner, TokenFuser? Fuser);
}
