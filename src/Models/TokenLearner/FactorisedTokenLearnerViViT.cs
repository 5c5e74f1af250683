using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;
using ActionStream.Models.Networks;

namespace ActionStream.Models.TokenLearner;

/// <summary>Measures of a <see cref="FactorisedTokenLearnerViViT"/>.</summary>
/// <param name="Frames">T, frames of a clip.</param>
/// <param name="Grid">How frames are cut.</param>
/// <param name="Width">D, channels of a token.</param>
/// <param name="Heads">Heads of both encoders.</param>
/// <param name="SpatialLayers">Blocks before TokenLearner, each on one tubelet-frame.</param>
/// <param name="TemporalLayers">Blocks after it, on all tokens of the window.</param>
/// <param name="Tokens">S, tokens kept of each tubelet-frame.</param>
/// <param name="Classes">K, labels.</param>
internal sealed record FactorisedShape(
    int Frames, PatchGrid Grid, int Width, int Heads, int SpatialLayers, int TemporalLayers, int Tokens, int Classes)
{
    /// <summary>T/τ, tubelets of a clip.</summary>
    public int Steps => Frames / Grid.Tubelet;

    internal EncoderShape Spatial => new(SpatialLayers, Width, Heads, 4 * Width);

    internal EncoderShape Temporal => new(TemporalLayers, Width, Heads, 4 * Width);
}

/// <summary>
/// A ViViT in two halves with TokenLearner between: the first sees one tubelet and gives S tokens, the second sees the
/// window's tokens and gives logits. What the first half gives depends on its tubelet's pixels alone, so it can be kept.
/// </summary>
/// <remarks>Ours; made of Arnab et al. 2021 (factorised encoder) and Ryoo et al. 2021 (TokenLearner). No published weights exist.</remarks>
internal sealed class FactorisedTokenLearnerViViT(Weights weights, FactorisedShape shape) : IAttendingNetwork
{
    private readonly TubeletEmbedding _embedding = new(weights / "embedding", shape.Grid, shape.Width);
    private readonly Weight _places =
        (weights / "SpatialTransformer" / "posembed_input").Get("pos_embedding", 1, shape.Grid.Count, shape.Width);
    private readonly Encoder _spatial = new(weights / "SpatialTransformer", shape.Spatial);
    private readonly TokenLearner _learner =
        new(weights / "SpatialTransformer" / "TokenLearnerModuleV11_0", shape.Width, shape.Tokens);
    private readonly LayerNorm _spatialNorm = new(weights / "SpatialTransformer" / "encoder_norm", shape.Width);

    private readonly Weight _cls = weights.Get("cls_TemporalTransformer", 1, 1, shape.Width);
    private readonly Weight _clsPlace = (weights / "TemporalTransformer").Get("cls_pos_embedding", 1, 1, shape.Width);
    private readonly Weight _times = (weights / "TemporalTransformer").Get("frame_pos_embedding", 1, shape.Steps, shape.Width);
    private readonly Encoder _temporal = new(weights / "TemporalTransformer", shape.Temporal);
    private readonly LayerNorm _temporalNorm = new(weights / "TemporalTransformer" / "encoder_norm", shape.Width);
    private readonly Dense _head = new(weights / "output_projection", shape.Width, shape.Classes);

    public int Tubelet => shape.Grid.Tubelet;

    public int Tokens => shape.Tokens;

    public int TokenWidth => shape.Width;

    public int MapHeight => shape.Grid.Rows;

    public int MapWidth => shape.Grid.Columns;

    /// <summary>The whole clip.</summary>
    /// <param name="frames">[N, T, H, W, 3]</param>
    /// <returns>[N, K] logits.</returns>
    public Tensor Apply(Tensor frames)
    {
        var tokens = Encode(frames, shape.Steps).Tokens;                                                   // [N·T', S, D]
        return Decide(tokens.Reshape(frames.Shape[0], shape.Steps, shape.Tokens, shape.Width));       // [N, K]
    }

    /// <summary>One tubelet; its answer is what the token cache keeps.</summary>
    /// <param name="frames">[N, τ, H, W, 3]</param>
    /// <returns>[N, S, D]</returns>
    public Tensor Encode(Tensor frames) => Encode(frames, steps: 1).Tokens;

    /// <summary>The same, and where its tokens look.</summary>
    /// <param name="frames">[N, τ, H, W, 3]</param>
    /// <returns>[N, S, D] and [N, S, h, w]</returns>
    public (Tensor Tokens, Tensor Maps) EncodeAndShow(Tensor frames)
    {
        var (tokens, where) = Encode(frames, steps: 1);
        return (tokens, where.Reshape(frames.Shape[0], shape.Tokens, MapHeight, MapWidth));
    }

    /// <summary>All tokens of a window, oldest tubelet first.</summary>
    /// <param name="tokens">[N, T', S, D]</param>
    /// <returns>[N, K] logits.</returns>
    public Tensor Decide(Tensor tokens)
    {
        var graph = tokens.Graph;
        var n = tokens.Shape[0];
        var times = graph.Use(_times).Reshape(1, shape.Steps, 1, shape.Width);                        // position inside the window
        var placed = (tokens + times).Reshape(n, shape.Steps * shape.Tokens, shape.Width);            // [N, T'·S, D]
        var cls = (graph.Use(_cls) + graph.Use(_clsPlace)).ExpandLike(placed, 0);                     // [N, 1, D]
        var x = Arranging.Concat(1, cls, placed);                                                     // [N, 1 + T'·S, D]
        var first = _temporal.ApplyToFirst(x);                                                        // [N, 1, D]
        return _head.Apply(_temporalNorm.Apply(first).Squeeze(1));                                    // [N, K]
    }

    private (Tensor Tokens, Tensor Where) Encode(Tensor frames, int steps)
    {
        var graph = frames.Graph;
        var x = _embedding.Apply(frames, steps) + graph.Use(_places);      // [N·T', P, D]   no time here: the same table for every tubelet
        var (tokens, where) = _learner.ApplyAndShow(_spatial.Apply(x));
        return (_spatialNorm.Apply(tokens), where);                        // [N·T', S, D], [N·T', S, P]
    }
}
