using ActionStream.Models.Checkpoints;

namespace ActionStream.Unit.Models.Checkpoints;

public sealed class InitialWeightsTests
{
    private const int Width = 2;

    // A ViT of 3 blocks with a class token and 4 places.
    private readonly FakeCheckpoint _vit = new(new Dictionary<string, (int[], float[])>
    {
        ["embedding/kernel"] = ([1, 1, 3, Width], [1, 2, 3, 4, 5, 6]),
        ["embedding/bias"] = ([Width], [7, 8]),
        ["cls"] = ([1, 1, Width], [9, 10]),
        ["Transformer/posembed_input/pos_embedding"] = ([1, 5, Width], [50, 51, 1, 2, 3, 4, 5, 6, 7, 8]),
        ["Transformer/encoderblock_0/LayerNorm_0/scale"] = ([Width], [0, 0]),
        ["Transformer/encoderblock_1/LayerNorm_0/scale"] = ([Width], [1, 1]),
        ["Transformer/encoderblock_2/LayerNorm_0/scale"] = ([Width], [2, 2]),
        ["Transformer/encoder_norm/bias"] = ([Width], [11, 12]),
    });

    [Fact]
    public void A_pictures_kernel_stands_at_the_central_frame_or_is_shared()
    {
        Assert.Equal([0f, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6], Read(_vit, "embedding/kernel", [2, 1, 1, 3, Width]));
        Assert.Equal(
            [0.5f, 1, 1.5f, 2, 2.5f, 3, 0.5f, 1, 1.5f, 2, 2.5f, 3],
            Read(_vit, "embedding/kernel", [2, 1, 1, 3, Width], Inflation.AverageFrame));
    }

    [Fact]
    public void Tables_lose_the_class_tokens_row_or_repeat_for_each_time()
    {
        Assert.Equal([1f, 2, 3, 4, 5, 6, 7, 8], Read(_vit, "SpatialTransformer/posembed_input/pos_embedding", [1, 4, Width]));
        Assert.Equal(
            [1f, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8], Read(_vit, "Transformer/posembed_input/pos_embedding", [1, 8, Width]));
        Assert.Equal(
            [50f, 51, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8],
            Read(_vit, "Transformer/posembed_input/pos_embedding", [1, 9, Width]));
        Assert.Equal([50f, 51], Read(_vit, "TemporalTransformer/cls_pos_embedding", [1, 1, Width]));
    }

    [Fact]
    public void A_joint_table_divides_in_a_part_for_places_and_a_part_for_times()
    {
        var vivit = new FakeCheckpoint(new Dictionary<string, (int[], float[])>
        {
            ["Transformer/posembed_input/pos_embedding"] = ([1, 4, 1], [1, 2, 11, 12]), // two times, two places
        });

        Assert.Equal([6f, 7], Read(vivit, "SpatialTransformer/posembed_input/pos_embedding", [1, 2, 1]));
        Assert.Equal([-5f, 5], Read(vivit, "TemporalTransformer/frame_pos_embedding", [1, 2, 1]));
    }

    [Fact]
    public void Temporal_blocks_are_the_last_of_the_whole_unless_there_are_temporal_ones()
    {
        var initial = new InitialWeights(_vit, new SeededWeights(1), Inflation.CentralFrame);
        var weights = new Weights(initial);
        var first = (weights / "TemporalTransformer" / "encoderblock_0" / "LayerNorm_0").Get("scale", Width);
        var second = (weights / "TemporalTransformer" / "encoderblock_1" / "LayerNorm_0").Get("scale", Width);

        Assert.Equal([1f, 1], first.Read());
        Assert.Equal([2f, 2], second.Read());
        Assert.Equal([9f, 10], Read(_vit, "cls_TemporalTransformer", [1, 1, Width]));
        Assert.Equal([11f, 12], Read(_vit, "TemporalTransformer/encoder_norm/bias", [Width]));

        var factorised = new FakeCheckpoint(new Dictionary<string, (int[], float[])>
        {
            ["Transformer/encoderblock_0/LayerNorm_0/scale"] = ([Width], [0, 0]),
            ["TemporalTransformer/encoderblock_0/LayerNorm_0/scale"] = ([Width], [3, 4]),
            ["TemporalTransformer/posembed_input/pos_embedding"] = ([1, 3, Width], [1, 2, 3, 4, 5, 6]),
        });
        Assert.Equal([3f, 4], Read(factorised, "TemporalTransformer/encoderblock_0/LayerNorm_0/scale", [Width]));
        Assert.Equal([1f, 2], Read(factorised, "TemporalTransformer/cls_pos_embedding", [1, 1, Width]));
        Assert.Equal([3f, 4, 5, 6], Read(factorised, "TemporalTransformer/frame_pos_embedding", [1, 2, Width]));
    }

    [Fact]
    public void What_nothing_can_be_made_of_is_seeded_and_every_origin_is_told()
    {
        var initial = new InitialWeights(_vit, new SeededWeights(1), Inflation.CentralFrame);
        initial.Read("SpatialTransformer/encoderblock_0/LayerNorm_0/scale", [Width]);
        var attention = initial.Read("SpatialTransformer/TokenLearnerModuleV11_0/LayerNorm_0/scale", [Width]);
        initial.Read("embedding/kernel", [2, 1, 1, 3, Width]);
        initial.Read("embedding/bias", [Width]);

        Assert.Equal(new SeededWeights(1).Read("SpatialTransformer/TokenLearnerModuleV11_0/LayerNorm_0/scale", [Width]), attention);
        Assert.Equal(
            ["Transformer/encoderblock_0/LayerNorm_0/scale", "seeded", "embedding/kernel, at the central frame", "embedding/bias"],
            initial.Origins.Select(array => array.Origin));
    }

    private static float[] Read(Checkpoint from, string path, int[] shape, Inflation inflation = Inflation.CentralFrame) =>
        new InitialWeights(from, new SeededWeights(1), inflation).Read(path, shape);
}
