using ActionStream.EndToEnd.Contracts.Inference;
using ActionStream.Models;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Networks;
using ActionStream.Models.X3D;

namespace ActionStream.EndToEnd.Contracts.Models;

/// <summary>The experiment runs, and costs what its specification says.</summary>
public sealed class X2Plus1DTests
{
    [Theory]
    [InlineData("x2plus1d-m", 22.8, 3.04)]
    [InlineData("x2plus1d-m-tokenlearner", 29.0, 10.35)]
    public void It_costs_what_was_reckoned(string preset, double billions, double millions)
    {
        var cost = FlopCounter.Count(Presets.Named(preset));

        Assert.Equal((billions, millions), (Math.Round(cost.Macs / 1e9, 1), Math.Round(cost.Parameters / 1e6, 2)));
    }

    [Fact]
    public void Channels_in_parts_give_what_all_at_once_give()
    {
        var network = new X2Plus1D(new Weights(new SeededWeights(3)), new(Frames: 4, Tokens: 3, Classes: 5));
        var measures = new Measures(4, 64, 96, 5);
        var random = new Random(1);
        var clip = new byte[2 * 4 * 64 * 96 * 3];
        random.NextBytes(clip);
        float[] Run(GraphForm form)
        {
            using var session = Graphs.Open(ModelGraphs.Whole(network, measures, form: form));
            return session.Run(clip, 2, 4, 64, 96, 3);
        }

        Assert.True(Graphs.Difference(Run(GraphForm.Cpu), Run(GraphForm.Portable)) <= 1e-5);
    }
}
