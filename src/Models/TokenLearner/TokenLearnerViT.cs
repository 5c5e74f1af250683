using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;
using ActionStream.Models.Networks;

namespace ActionStream.Models.TokenLearner;

/// <summary>How the tokens of the last layer become one vector.</summary>
internal enum TokenSummary
{
    Mean,
    Max,
    Sum,
}

/// <summary>Measures of a <see cref="TokenLearnerViT"/>.</summary>
/// <param name="Frames">T; 1 for images.</param>
/// <param name="Learning">Null makes it a ViT without class token.</param>
/// <param name="Representation">Channels of a map with tanh before the logits; null for none.</param>
internal sealed record TokenLearnerViTShape(
    int Frames, PatchGrid Grid, EncoderShape Encoder, TokenLearning? Learning, TokenSummary Summary, int? Representation, int Classes)
{
    public int Steps => Grid.Steps(Frames);
}

/// <summary>
/// A ViT for frames or a ViViT for clips whose encoder goes on with learned tokens half-way (Ryoo et al. 2021).
/// All frames meet from the first layer on, so tokens cannot be kept from window to window.
/// </summary>
internal sealed class TokenLearnerViT(Weights weights, TokenLearnerViTShape shape) : INetwork
{
    private readonly TubeletEmbedding _embedding = new(weights / "embedding", shape.Grid, shape.Encoder.Width);
    private readonly LearningEncoder _encoder = new(weights / "Transformer", shape.Encoder, shape.Steps, shape.Grid.Count, shape.Learning);
    private readonly ViTHead _head = new(weights, shape.Encoder.Width, shape.Representation, shape.Classes);

    /// <param name="frames">[N, T, H, W, 3]</param>
    /// <returns>[N, K]</returns>
    public Tensor Apply(Tensor frames)
    {
        var x = _embedding.Apply(frames, shape.Steps);                                                       // [N·T', P, D]
        x = _encoder.Apply(x.Reshape(frames.Shape[0], shape.Steps * shape.Grid.Count, shape.Encoder.Width)); // [N, T'·S, D]
        return _head.Apply(shape.Summary switch                                                              // [N, K]
        {
            TokenSummary.Max => x.Max(1),
            TokenSummary.Sum => x.Sum(1),
            _ => x.Mean(1),
        });
    }
}
