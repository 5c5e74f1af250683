using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;

namespace ActionStream.Models.Layers;

/// <summary>From one vector to logits, through tanh of a second map where the network was trained with one.</summary>
/// <param name="representation">Channels of the map between; null for none.</param>
internal sealed class ViTHead(Weights weights, int width, int? representation, int classes)
{
    private readonly Dense? _pre = representation is { } between ? new(weights / "pre_logits", width, between) : null;
    private readonly Dense _projection = new(weights / "output_projection", representation ?? width, classes);

    /// <param name="pooled">[N, D]</param>
    /// <returns>[N, K]</returns>
    public Tensor Apply(Tensor pooled)
    {
        pooled.Mark("pooled");
        return _projection.Apply(_pre is null ? pooled : _pre.Apply(pooled).Tanh().Mark("pre_logits_tanh"));
    }
}
