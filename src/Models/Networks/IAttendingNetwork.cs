using ActionStream.Models.Graphs;

namespace ActionStream.Models.Networks;

/// <summary>A streaming network that can show where in the frame each of its tokens looks.</summary>
internal interface IAttendingNetwork : IStreamingNetwork
{
    /// <summary>h, rows of a map.</summary>
    int MapHeight { get; }

    /// <summary>w, columns of a map.</summary>
    int MapWidth { get; }

    /// <param name="frames">[N, τ, H, W, 3]</param>
    /// <returns>[N, S, D] and [N, S, h, w], each map with the sum 1.</returns>
    (Tensor Tokens, Tensor Maps) EncodeAndShow(Tensor frames);
}
