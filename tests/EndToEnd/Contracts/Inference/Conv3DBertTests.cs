using System.Text.Json;
using ActionStream.EndToEnd.Support;
using ActionStream.Models;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;

namespace ActionStream.EndToEnd.Contracts.Inference;

/// <summary>3D CNNs with late temporal BERT: the reference's numbers, its names and its costs.</summary>
public sealed class Conv3DBertTests
{

    // Other measures than those of the golden files, odd ones among them.
    [Theory]
    [InlineData(
        """{"arch":"ltm_r2plus1d_bert10","stem_mid":7,"widths":[8,12,16,24],"layers":[1,2,1,1],"attn_heads":3,"num_classes":5}""", 11, 50,
        37)]
    [InlineData("""{"arch":"ltm_r2plus1d_bert10","stem_mid":7,"widths":[8,12,16,24],"layers":[1,1,1,2],"attn_heads":4,"num_classes":7,"batchnorm_eps":1e-5,"vmz_fix":false}""", 16, 32, 48)]
    [InlineData("""{"arch":"ltm_resnext3d_bert10","stem":8,"planes":[32,64,64,96],"layers":[1,1,2,1],"cardinality":2,"hidden":192,"attn_heads":6,"num_classes":3}""", 20, 64, 49)]
    [InlineData("""{"arch":"ltm_resnext3d_bert10_frab","stem":8,"planes":[32,64,64,96],"layers":[1,1,2,1],"cardinality":4,"hidden":64,"attn_heads":2,"num_classes":3}""", 33, 48, 48)]
    [InlineData(
        """{"arch":"ltm_resnext3d_frmb","stem":8,"planes":[32,64,64,96],"layers":[1,1,2,2],"cardinality":4,"hidden":64,"num_classes":11}""",
        16, 40, 40)]
    public void Any_measures_work_and_a_batch_gives_each_clip_what_it_gets_alone(string json, int frames, int height, int width)
    {
        using var config = JsonDocument.Parse(json);
        int[] shape = [3, 3, frames, height, width];
        using var session = Graphs.Open(Configured(config.RootElement, new Weights(new SeededWeights(3)), shape, GraphForm.Cpu));
        var random = new Random(5);
        var clips = Enumerable.Range(0, shape.Aggregate((product, axis) => product * axis))
            .Select(_ => (random.NextSingle() * 4) - 2).ToArray();

        var together = session.Run(clips, [.. shape.Select(axis => (long)axis)]);
        var classes = config.RootElement.GetProperty("num_classes").GetInt32();
        Assert.Equal(3 * classes, together.Length);
        for (var i = 0; i < 3; i++)
        {
            var alone = session.Run(clips[(i * clips.Length / 3)..((i + 1) * clips.Length / 3)], 1, 3, frames, height, width);
            var difference = Graphs.Difference(together[(i * classes)..((i + 1) * classes)], alone);
            Assert.True(difference <= 1e-5, $"clip {i} differs by {difference:e2}");
        }
    }

    [Theory]
    [InlineData("i3d-bert", "rgb_I3D64f_bert2_hmdb51")]
    [InlineData("i3d-frmb-bert", "rgb_I3D64f_bert2_FRMB_hmdb51")]
    [InlineData("r2plus1d-34-32-bert", "rgb_r2plus1d_32f_34_bert10_hmdb51")]
    [InlineData("r2plus1d-34-64-bert", "rgb_r2plus1d_64f_34_bert10_hmdb51")]
    [InlineData("r2plus1d-34-32-kinetics400", "r2plus1d_34_kinetics400")]
    [InlineData("resnext3d-101", "rgb_resneXt3D64f101_hmdb51")]
    [InlineData("resnext3d-101-frmb-bert", "rgb_resneXt3D64f101_bert10_FRMB_hmdb51")]
    [InlineData("resnext3d-101-frab-bert", "rgb_resneXt3D64f101_bert10_FRAB_hmdb51")]
    public void A_preset_asks_for_exactly_the_arrays_of_its_checkpoint(string preset, string file)
    {
        var weights = new Weights(new NoNumbers());
        _ = Presets.Named(preset).Make(weights, Presets.Named(preset).Measures);

        // Every batch norm also counts its training batches, which nobody needs to run it.
        var asked = weights.Taken.Select(
            weight => $"{weight.Name} {string.Join("x", weight.Shape)} {(weight.IsParameter ? "param" : "buffer")}")
            .Concat(weights.Taken.Where(weight => weight.Name.EndsWith("running_var", StringComparison.Ordinal))
                .Select(weight => $"{weight.Name.Replace("running_var", "num_batches_tracked", StringComparison.Ordinal)} scalar buffer"));
        Assert.Equal(
            File.ReadLines(Path.Combine(Parts.Reference, "models", "statedicts", file + ".tsv"))
                .Where(line => !line.StartsWith('#')).Select(line => string.Join(' ', line.Split('\t').Take(3)))
                .Order(StringComparer.Ordinal),
            asked.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Bytes_of_frames_are_normalised_as_the_trunk_was_trained()
    {
        var preset = Presets.Named("resnext3d-101");
        var graph = new Graph("prelude");
        var frames = graph.Input("frames", ElementType.U8, ["N", 1, 1, 2, 3]);
        graph.Output(
            "clip", new ClipInput([114.7748f / 255, 107.7354f / 255, 99.4750f / 255], [1 / 255f, 1 / 255f, 1 / 255f]).Apply(frames));
        using var session = Graphs.Open(graph);

        var clip = session.Run<byte>([0, 10, 20, 255, 115, 99], 1, 1, 1, 2, 3);
        Assert.Equal(64, preset.Measures.Frames);
        float[] expected = [-114.7748f, 255 - 114.7748f, 10 - 107.7354f, 115 - 107.7354f, 20 - 99.475f, 99 - 99.475f];
        Assert.All(clip.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-4));
    }

    private static Graph Configured(JsonElement config, Weights weights, IReadOnlyList<int> shape, GraphForm form)
    {
        var graph = new Graph("configured", form);
        var input = graph.Input("input", ElementType.F32, ["N", .. shape.Skip(1).Select(axis => (Dim)axis)]);
        graph.Output("output", ConfiguredNetworks.All[config.GetProperty("arch").GetString()!](weights, config, [input]));
        return graph;
    }
}
