using ActionStream.Models.Graphs;

namespace ActionStream.Models.Networks;

/// <summary>A network with its weights bound: from frames to logits.</summary>
internal interface INetwork
{
    /// <param name="frames">[N, T, H, W, 3], bytes or numbers in the network's own range.</param>
    /// <returns>[N, K] logits.</returns>
    Tensor Apply(Tensor frames);
}
