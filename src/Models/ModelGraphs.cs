using ActionStream.Models.Graphs;
using ActionStream.Models.Networks;

namespace ActionStream.Models;

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
