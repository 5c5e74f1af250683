using ActionStream.Models.Graphs;

namespace ActionStream.Models.Networks;

/// <summary>A network whose first half sees one tubelet at a time, so that its tokens can be kept from window to window.</summary>
internal interface IStreamingNetwork : INetwork
{
    /// <summary>τ, frames per tubelet.</summary>
    int Tubelet { get; }

    /// <summary>S, tokens per tubelet.</summary>
    int Tokens { get; }

    /// <summary>D, numbers per token.</summary>
    int TokenWidth { get; }

    /// <param name="frames">[N, τ, H, W, 3]</param>
    /// <returns>[N, S, D]</returns>
    Tensor Encode(Tensor frames);

    /// <param name="tokens">[N, T/τ, S, D]</param>
    /// <returns>[N, K] logits.</returns>
    Tensor Decide(Tensor tokens);
}
