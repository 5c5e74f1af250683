using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;

namespace ActionStream.Unit.Models.Checkpoints;

public sealed class WeightsTests
{
    private readonly Weights _weights = new(new NamedArrays(new Dictionary<string, (int[], float[])>
    {
        ["block/query/kernel"] = ([2, 2], [1, 2, 3, 4]),
        ["block/key/kernel"] = ([2, 1], [5, 6]),
    }));

    [Fact]
    public void A_path_leads_to_an_array_and_what_was_taken_is_known()
    {
        var kernel = (_weights / "block" / "query").Get("kernel", 2, 2);

        Assert.Equal("block/query/kernel", kernel.Name);
        Assert.Equal([1f, 2, 3, 4], kernel.Read());
        Assert.Equal([kernel], _weights.Taken);
        Assert.True((_weights / "block").Has("key/kernel"));
        Assert.False((_weights / "block").Has("value/kernel"));
    }

    [Fact]
    public void A_mismatch_fails_with_the_full_path_and_both_shapes()
    {
        var block = _weights / "block" / "query";
        Assert.Equal(
            "block/query/kernel is [2, 2]; expected [3, 2]", Assert.Throws<WeightException>(() => block.Get("kernel", 3, 2)).Message);
        Assert.Equal("block/query/bias is missing; expected [2]", Assert.Throws<WeightException>(() => block.Get("bias", 2)).Message);
        Assert.Equal(
            "block/query/kernel: [2, 2] cannot become [3]",
            Assert.Throws<WeightException>(() => block.Get("kernel", 2, 2).Reshape(3)).Message);
    }

    [Fact]
    public void Axes_change_places_with_their_numbers()
    {
        var cube = new Weight("cube", [2, 3, 2], () => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);

        Assert.Equal([2, 2, 3], cube.Transpose(2, 0, 1).Shape);
        Assert.Equal([0f, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11], cube.Transpose(2, 0, 1).Read());
        Assert.Equal(cube.Read(), cube.Transpose(1, 2, 0).Transpose(2, 0, 1).Read());
        Assert.Throws<WeightException>(() => cube.Transpose(0, 0, 1));
    }

    [Fact]
    public void Arrays_join_beside_each_other()
    {
        var joined = Weight.Beside("qk", (_weights / "block/query").Get("kernel", 2, 2), (_weights / "block/key").Get("kernel", 2, 1));

        Assert.Equal([2, 3], joined.Shape);
        Assert.Equal([1f, 2, 5, 3, 4, 6], joined.Read());
    }

    [Fact]
    public void Seeded_weights_are_the_same_on_every_machine_and_in_any_order()
    {
        var one = new SeededWeights(1);
        Assert.Equal([-0.718776226f, 0.187553391f, -0.964275181f], one.Read("embedding/kernel", [2, 2, 3]).Take(3));
        Assert.Equal(one.Read("a/kernel", [4, 4]), new SeededWeights(1).Read("a/kernel", [4, 4]));
        Assert.NotEqual(one.Read("a/kernel", [4, 4]), one.Read("b/kernel", [4, 4]));
        Assert.NotEqual(one.Read("a/kernel", [4, 4]), new SeededWeights(2).Read("a/kernel", [4, 4]));
    }

    [Fact]
    public void A_random_kernel_keeps_the_variance_of_what_passes_through_it()
    {
        var kernel = new SeededWeights(3).Read("MlpBlock_0/Dense_0/kernel", [256, 1024]);
        Assert.Equal(0, kernel.Average(), 1e-3);
        Assert.Equal(1.0 / 256, kernel.Average(value => (double)value * value), 1e-4);

        var norm = new SeededWeights(3).Read("LayerNorm_0/scale", [4096]);
        Assert.Equal(1, norm.Average(), 1e-2);
    }
}
