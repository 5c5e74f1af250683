using System.Globalization;
using ActionStream.Models;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;
using ActionStream.Models.Networks;
using ActionStream.Models.TokenLearner;

namespace ActionStream.Unit.Models;

public sealed class FlopCounterTests
{
    // docs: cost per decision of the factorised TokenLearner ViViT at 224x224, S = 8, K = 400, in billions; parameters in millions.
    [Theory]
    [InlineData(192, 16, 6, 6, "0.669 0.182 5.537 0.826 5.76")]
    [InlineData(192, 16, 9, 3, "0.974 0.091 7.881 1.040 5.76")]
    [InlineData(192, 16, 12, 4, "1.278 0.122 10.346 1.374 7.54")]
    [InlineData(192, 32, 6, 6, "0.669 0.381 11.090 0.997 5.77")]
    [InlineData(192, 32, 9, 3, "0.974 0.190 15.770 1.111 5.77")]
    [InlineData(192, 32, 12, 4, "1.278 0.254 20.703 1.478 7.55")]
    [InlineData(384, 16, 6, 6, "2.379 0.710 19.742 2.991 22.14")]
    [InlineData(384, 16, 9, 3, "3.508 0.355 28.419 3.765 22.14")]
    [InlineData(384, 16, 12, 4, "4.637 0.473 37.569 5.013 29.24")]
    [InlineData(384, 32, 6, 6, "2.379 1.446 39.511 3.624 22.15")]
    [InlineData(384, 32, 9, 3, "3.508 0.723 56.851 4.030 22.15")]
    [InlineData(384, 32, 12, 4, "4.637 0.964 75.156 5.400 29.25")]
    [InlineData(768, 16, 6, 6, "8.920 2.800 74.158 11.336 86.76")]
    [InlineData(768, 16, 9, 3, "13.259 1.400 107.469 14.275 86.76")]
    [InlineData(768, 16, 12, 4, "17.597 1.867 142.646 19.080 115.11")]
    [InlineData(768, 32, 6, 6, "8.920 5.632 148.349 13.771 86.76")]
    [InlineData(768, 32, 9, 3, "13.259 2.816 214.954 15.294 86.76")]
    [InlineData(768, 32, 12, 4, "17.597 3.755 285.314 20.572 115.11")]
    public void The_published_table_is_reproduced_digit_by_digit(int width, int frames, int spatial, int temporal, string expected)
    {
        var measures = new Measures(frames, 224, 224, 400);
        var weights = new Weights(new NoNumbers());
        var network = new FactorisedTokenLearnerViViT(
            weights,
            new FactorisedShape(frames, new PatchGrid(2, 16, 224, 224), width, width / 64, spatial, temporal, Tokens: 8, Classes: 400));

        var frame = FlopCounter.Macs(ModelGraphs.FrameEncoder(network, measures));
        var textbook = FlopCounter.Macs(ModelGraphs.TemporalHead(network, measures, GraphForm.Portable));
        var head = FlopCounter.Macs(ModelGraphs.TemporalHead(network, measures));
        var parameters = weights.Taken.Sum(weight => weight.Elements);

        // C_frame, C_head, full window, cached with the class token alone in the last layer, parameters
        Assert.Equal(
            expected,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{frame / 1e9:f3} {textbook / 1e9:f3} {((frame * frames / 2) + textbook) / 1e9:f3} "
                + $"{(frame + head) / 1e9:f3} {parameters / 1e6:f2}"));
    }

    [Fact]
    public void Modules_add_up_and_are_named_as_in_the_checkpoint()
    {
        var cost = FlopCounter.CountAsBuilt(Presets.Named("factorised-tokenlearner-vivit-mini"));

        Assert.Equal(cost.Macs, cost.Modules.Sum(module => module.Macs));
        Assert.Equal(
            [
                "embedding", "SpatialTransformer/posembed_input", "SpatialTransformer/encoderblock_0", "SpatialTransformer/encoderblock_1",
                "SpatialTransformer/encoderblock_2", "SpatialTransformer/encoderblock_3", "SpatialTransformer/TokenLearnerModuleV11_0",
                "SpatialTransformer/encoder_norm", "cls_TemporalTransformer", "TemporalTransformer/cls_pos_embedding",
                "TemporalTransformer/frame_pos_embedding", "TemporalTransformer/encoderblock_0", "TemporalTransformer/encoderblock_1",
                "TemporalTransformer/encoder_norm", "output_projection",
            ],
            cost.Modules.Select(module => module.Module));
        var embedding = cost.Modules[0];
        Assert.Equal(((1536 * 128) + 128, 8 * 49 * 1536 * 128L), (embedding.Parameters, embedding.Macs));
    }
}
