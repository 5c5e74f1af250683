using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;
using ActionStream.Models.Networks;

namespace ActionStream.Models.TokenLearner;

/// <summary>Measures of a <see cref="ViViT"/>.</summary>
/// <param name="HasClass">A class token gives the answer; else the mean of all tokens.</param>
internal sealed record ViViTShape(int Frames, PatchGrid Grid, EncoderShape Encoder, bool HasClass, int? Representation, int Classes)
{
    public int Tokens => Grid.Steps(Frames) * Grid.Count;
}

/// <summary>Model 1 of the ViViT paper (Arnab et al. 2021): all tubelets of the clip attend to all, in every layer.</summary>
internal sealed class ViViT(Weights weights, ViViTShape shape) : INetwork
{
    private readonly TubeletEmbedding _embedding = new(weights / "embedding", shape.Grid, shape.Encoder.Width);
    private readonly ViTEncoder _encoder = new(
        weights / "Transformer", shape.Encoder, shape.Tokens, shape.HasClass ? weights.Get("cls", 1, 1, shape.Encoder.Width) : null);
    private readonly ViTHead _head = new(weights, shape.Encoder.Width, shape.Representation, shape.Classes);

    /// <param name="frames">[N, T, H, W, 3]</param>
    /// <returns>[N, K]</returns>
    public Tensor Apply(Tensor frames)
    {
        var x = _embedding.Apply(frames, shape.Grid.Steps(shape.Frames));                         // [N·T', P, D]
        x = x.Reshape(frames.Shape[0], shape.Tokens, shape.Encoder.Width);                        // [N, T'·P, D]
        return _head.Apply(_encoder.Apply(x));                                                    // [N, K]
    }
}

/// <summary>Measures of a <see cref="FactorisedViViT"/>. The halves may differ in everything but their width.</summary>
/// <param name="HasClass">Class tokens give the answers of both halves; else means do.</param>
internal sealed record FactorisedViViTShape(
    int Frames, PatchGrid Grid, EncoderShape Spatial, EncoderShape Temporal, bool HasClass, int? Representation, int Classes)
{
    public int Steps => Grid.Steps(Frames);
}

/// <summary>
/// Model 2 of the ViViT paper, the factorised encoder: each tubelet-frame becomes one vector, then the vectors of the
/// clip attend to each other. The first half knows nothing of time, so its vectors can be kept from window to window.
/// </summary>
internal sealed class FactorisedViViT(Weights weights, FactorisedViViTShape shape) : IStreamingNetwork
{
    private readonly TubeletEmbedding _embedding = new(weights / "embedding", shape.Grid, shape.Spatial.Width);
    private readonly ViTEncoder _spatial = new(
        weights / "SpatialTransformer", shape.Spatial, shape.Grid.Count, Class(weights, shape, "cls_SpatialTransformer"));
    private readonly ViTEncoder _temporal = new(
        weights / "TemporalTransformer", shape.Temporal, shape.Steps, Class(weights, shape, "cls_TemporalTransformer"));
    private readonly ViTHead _head = new(weights, shape.Temporal.Width, shape.Representation, shape.Classes);

    public int Tubelet => shape.Grid.Tubelet;

    public int Tokens => 1;

    public int TokenWidth => shape.Spatial.Width;

    /// <param name="frames">[N, T, H, W, 3]</param>
    /// <returns>[N, K]</returns>
    public Tensor Apply(Tensor frames)
    {
        var vectors = _spatial.Apply(_embedding.Apply(frames, shape.Steps)).Mark("spatial_pooled");     // [N·T', D]
        return Decide(vectors.Reshape(frames.Shape[0], shape.Steps, 1, TokenWidth));                    // [N, K]
    }

    /// <param name="frames">[N, τ, H, W, 3]</param>
    /// <returns>[N, 1, D]</returns>
    public Tensor Encode(Tensor frames) =>
        _spatial.Apply(_embedding.Apply(frames, steps: 1)).Reshape(frames.Shape[0], 1, TokenWidth);

    /// <param name="tokens">[N, T', 1, D]</param>
    /// <returns>[N, K]</returns>
    public Tensor Decide(Tensor tokens) => _head.Apply(_temporal.Apply(tokens.Reshape(tokens.Shape[0], shape.Steps, TokenWidth)));

    private static Weight? Class(Weights weights, FactorisedViViTShape shape, string name) =>
        shape.HasClass ? weights.Get(name, 1, 1, shape.Spatial.Width) : null;
}
