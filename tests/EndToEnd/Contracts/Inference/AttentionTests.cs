using ActionStream.Core.Configuration;
using ActionStream.EndToEnd.Support;
using ActionStream.Inference;
using ActionStream.Inference.Configuration;
using ActionStream.Inference.Onnx;
using ActionStream.Models;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Networks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML.OnnxRuntime;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Contracts.Inference;

/// <summary>Where the model looks is shown without touching what it decides.</summary>
public sealed class AttentionTests(ModelFolderFixture mini, ITestOutputHelper output) : IClassFixture<ModelFolderFixture>
{
    private static readonly Preset Mini = Presets.Named("factorised-tokenlearner-vivit-mini");

    [Fact]
    public void The_card_says_how_large_the_maps_are_and_each_has_the_sum_one()
    {
        var maps = mini.Card.Streaming!.Attention!;
        Assert.Equal(("attention", 7, 7), (maps.Name, maps.Height, maps.Width));
        using var model = LoadedModel.Load(
            mini.Folder, mini.Card, new ConfigCheck("card.yaml"), new InferenceOptions { Device = DeviceRequest.Cpu }, TimeProvider.System,
            NullLogger<LoadedModel>.Instance);
        using var reader = model.OpenAttention();
        Assert.Equal((2, 8), (reader!.Frames, reader.Tokens));

        new Random(1).NextBytes(reader.Frame(0));
        new Random(2).NextBytes(reader.Frame(1));
        var first = reader.Read().ToArray();
        for (var token = 0; token < reader.Tokens; token++)
        {
            var map = first.AsSpan(token * 49, 49).ToArray();
            Assert.All(map, value => Assert.InRange(value, 0, 1));
            Assert.Equal(1, map.Sum(), 4);
        }

        // It looks elsewhere when there is something else to see.
        reader.Frame(0)[..(reader.FrameSize.Bytes / 2)].Clear();
        reader.Frame(1)[..(reader.FrameSize.Bytes / 2)].Clear();
        Assert.True(Graphs.Difference(reader.Read().ToArray(), first) > 0.01);
    }

    [Fact]
    public void Tokens_are_the_same_to_the_last_bit_whether_or_not_the_maps_are_there()
    {
        var (with, without) = Both();
        using (with)
        using (without)
        {
            var pixels = new byte[2 * 112 * 112 * 3];
            new Random(1).NextBytes(pixels);
            Assert.Equal(["tokens", "attention"], with.OutputNames);
            Assert.Equal(without.Run(pixels, 1, 2, 112, 112, 3), with.Run(pixels, 1, 2, 112, 112, 3));
        }
    }

    [Fact]
    public void A_card_that_promises_maps_of_another_size_is_found_out()
    {
        var card = mini.Card with { Streaming = mini.Card.Streaming! with { Attention = new() { Height = 9, Width = 7 } } };
        var check = new ConfigCheck("card.yaml");
        LoadedModel.CheckFiles(mini.Folder, card, check);
        Assert.Contains(
            "its output attention is [N, 8, 7, 7]; expected [N, 8, 9, 7]", check.Problems.Single().ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_graph_of_maps_that_does_not_open_changes_nothing_and_may_open_another_time()
    {
        var folder = mini.Copy();
        using var model = LoadedModel.Load(
            folder, mini.Card, new ConfigCheck("card.yaml"),
            new InferenceOptions { Device = DeviceRequest.Cpu, Windows = WindowPath.Full }, TimeProvider.System,
            NullLogger<LoadedModel>.Instance);
        var path = Path.Combine(folder, mini.Card.Streaming!.FrameEncoder.Path);
        var graph = File.ReadAllBytes(path);
        File.WriteAllBytes(path, [1, 2, 3]);
        var refused = Assert.Throws<DeviceException>(() => model.WantAttention("front", true));
        Assert.StartsWith(
            "frame_encoder.onnx, which tells where the model looks, does not run: ", refused.Message, StringComparison.Ordinal);
        File.WriteAllBytes(path, graph);
        model.PrepareAttention();
    }

    [MeasureFact]
    public void The_maps_cost_the_workers_nothing()
    {
        var (with, without) = Both();
        using (with)
        using (without)
        {
            var pixels = new byte[2 * 112 * 112 * 3];
            var (first, second, ratio) = Timing.OfPairs(() => Fetch(with, pixels), () => Fetch(without, pixels), 300);
            output.WriteLine($"tokens alone: {first} in a graph with maps, {second} without, ratio {ratio:0.000}");
            Assert.InRange(ratio, 0.9, 1.05);
        }
    }

    private static void Fetch(InferenceSession session, byte[] pixels)
    {
        using var value = OrtValue.CreateTensorValueFromMemory(pixels, [1, 2, 112, 112, 3]);
        using var run = new RunOptions();
        session.Run(run, session.InputNames, [value], ["tokens"]).Dispose();
    }

    private static (InferenceSession With, InferenceSession Without) Both()
    {
        var network = (IStreamingNetwork)Mini.Make(new Weights(new SeededWeights(7)), Mini.Measures);
        return (Graphs.Open(ModelGraphs.FrameEncoder(network, Mini.Measures)),
            Graphs.Open(ModelGraphs.FrameEncoder(new Silent(network), Mini.Measures)));
    }

    /// <summary>The same network, without the word for its maps.</summary>
    private sealed class Silent(IStreamingNetwork network) : IStreamingNetwork
    {
        public int Tubelet => network.Tubelet;

        public int Tokens => network.Tokens;

        public int TokenWidth => network.TokenWidth;

        public Tensor Apply(Tensor frames) => network.Apply(frames);

        public Tensor Encode(Tensor frames) => network.Encode(frames);

        public Tensor Decide(Tensor tokens) => network.Decide(tokens);
    }
}
