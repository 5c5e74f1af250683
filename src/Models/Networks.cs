using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;

namespace ActionStream.Models;

/// <summary>What a build may change about a preset without making it another architecture.</summary>
/// <param name="Frames">T, frames of a clip.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Classes">K, labels.</param>
public sealed record Measures(int Frames, int Height, int Width, int Classes);

/// <summary>A network with its weights bound: from frames to logits.</summary>
internal interface INetwork
{
    /// <param name="frames">[N, T, H, W, 3], bytes or numbers in the network's own range.</param>
    /// <returns>[N, K] logits.</returns>
    Tensor Apply(Tensor frames);
}

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

/// <summary>The files of a model, as graphs.</summary>
internal static class ModelGraphs
{
    public const string Frames = "frames";
    public const string Tokens = "tokens";
    public const string Logits = "logits";
    public const string Attention = "attention";

    /// <summary>frames [N, T, H, W, 3] → logits [N, K]</summary>
    public static Graph Whole(INetwork network, Measures measures, ElementType input = ElementType.U8, GraphForm form = GraphForm.Cpu)
    {
        var graph = new Graph("model", form);
        var frames = graph.Input(Frames, input, ["N", measures.Frames, measures.Height, measures.Width, 3]);
        graph.Output(Logits, network.Apply(frames));
        return graph;
    }

    /// <summary>frames [N, τ, H, W, 3] → tokens [N, S, D], and attention [N, S, h, w] where the network can show it</summary>
    /// <remarks>The maps are there on the way to the tokens. Whoever does not fetch them pays nothing.</remarks>
    public static Graph FrameEncoder(
        IStreamingNetwork network, Measures measures, ElementType input = ElementType.U8, GraphForm form = GraphForm.Cpu)
    {
        var graph = new Graph("frame_encoder", form);
        var frames = graph.Input(Frames, input, ["N", network.Tubelet, measures.Height, measures.Width, 3]);
        if (network is not IAttendingNetwork attending)
        {
            graph.Output(Tokens, network.Encode(frames));
            return graph;
        }

        var (tokens, maps) = attending.EncodeAndShow(frames);
        graph.Output(Tokens, tokens);
        graph.Output(Attention, maps);
        return graph;
    }

    /// <summary>tokens [N, T/τ, S, D] → logits [N, K]</summary>
    public static Graph TemporalHead(IStreamingNetwork network, Measures measures, GraphForm form = GraphForm.Cpu)
    {
        var graph = new Graph("temporal_head", form);
        var tokens = graph.Input(
            Tokens, ElementType.F32, ["N", measures.Frames / network.Tubelet, network.Tokens, network.TokenWidth]);
        graph.Output(Logits, network.Decide(tokens));
        return graph;
    }
}

/// <summary>Makes a network of given measures from weights. One per architecture.</summary>
internal delegate INetwork NetworkMaker(Weights weights, Measures measures);
