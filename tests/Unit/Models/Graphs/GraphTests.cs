using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;

namespace ActionStream.Unit.Models.Graphs;

public sealed class GraphTests
{
    private readonly Graph _graph = new("test");

    [Fact]
    public void Shapes_follow_the_operators()
    {
        var x = Input("N", 196, 384);

        Assert.Equal("[N, 196, 64]", Of(x.MatMul(Input(384, 64))));
        Assert.Equal("[N, 384, 196]", Of(x.Transpose(0, 2, 1)));
        Assert.Equal("[N, 14, 14, 384]", Of(x.Reshape("N", 14, 14, 384)));
        Assert.Equal("[8*N, 49, 192]", Of(x.Reshape((Dim)"N" * 8, 49, 192)));
        Assert.Equal("[N, 384]", Of(x.Pick(1, 0)));
        Assert.Equal("[N, 197, 384]", Of(Arranging.Concat(1, x.Slice(1, 0, 1), x)));
        Assert.Equal("[N, 196, 384]", Of(x + Input(1, 196, 384)));
        Assert.Equal("[N, 384]", Of(x.Mean(1)));
        Assert.Equal("[N, 196, 128]", Of(x.Split(2, 3)[1]));
        Assert.Equal("[N, 1, 384]", Of(Input(1, 1, 384).ExpandLike(x, 0)));
        Assert.Equal("[N, 1, 384]", Of(x.Slice(1, 0, 1).Attend(x, x, heads: 6)));
    }

    [Fact]
    public void What_does_not_fit_names_both_sides()
    {
        var x = Input("N", 196, 384);

        Says("MatMul: input float32 [N, 196, 384] does not go with input_2 float32 [192, 64]: the inner axes are 384 and 192", () =>
            x.MatMul(Input(192, 64)));
        Says("Add: [N, 196, 384] does not go with [196, 192]: axis -1 is 384 on one side and 192 on the other", () => x + Input(196, 192));
        Says("Reshape: [N, 196, 384] has 75264*N elements, [N, 200, 384] has 76800*N", () => x.Reshape("N", 200, 384));
        Says("Transpose: (0, 1) is not an order of the axes of [N, 196, 384]", () => x.Transpose(0, 1));
        Says("Slice: 190 to 200 of axis 1 of [N, 196, 384]", () => x.Slice(1, 190, 200));
        Says("axis 3 of [N, 196, 384]: it has 3 axes", () => x.Softmax(3));
        Says("Attention: the last axis of [N, 196, 384] does not divide in 5 heads", () => x.Attend(x, x, heads: 5));
        Says("all axes but 1 must agree", () => Arranging.Concat(1, x, Input("N", 1, 192)));
        Says("has two axes that are known only when the model runs", () => Input("N", "T", 6).Reshape("T", "N", 6));
    }

    [Fact]
    public void Products_of_names_divide_as_they_multiply()
    {
        Dim n = "N", t = "T";
        Assert.Equal(n * t, t * n);
        Assert.Equal(n, (n * 8).Over(8));
        Assert.Equal(t, (t * n).Over(n));
        Assert.Null((n * 8).Over(3));
        Assert.Null(n.Over(t));
        Assert.Equal(24, (n * 8).At(3));
    }

    [Fact]
    public void Costs_count_products_for_one_clip_whatever_form_attention_takes()
    {
        foreach (var form in Enum.GetValues<GraphForm>())
        {
            var graph = new Graph("test", form);
            var x = graph.Input("x", ElementType.F32, ["N", 50, 32]);
            x.Attend(x, x, heads: 4);
            Assert.Equal(2 * 50 * 50 * 32, graph.Costs.Sum(cost => cost.Macs.At(1)));
        }
    }

    [Fact]
    public void A_weight_used_twice_is_stored_once_and_tensors_of_two_graphs_never_mix()
    {
        var weight = new Weights(new SeededWeights(1)).Get("kernel", 4, 4);
        Assert.Same(_graph.Use(weight), _graph.Use(weight));

        var other = new Graph("other").Input("x", ElementType.F32, ["N", 4, 4]);
        Assert.Throws<InvalidOperationException>(() => other + _graph.Use(weight));
    }

    [Fact]
    public void What_no_output_reads_is_not_written()
    {
        var weights = new Weights(new SeededWeights(1));
        var x = Input("N", 4);
        x.MatMul(_graph.Use(weights.Get("aside", 4, 4))).Mark("aside");
        _graph.Output("output", x.MatMul(_graph.Use(weights.Get("kernel", 4, 4))));
        var model = _graph.ToModel();

        Assert.Equal(["MatMul", "Identity"], model.Graph.Node.Select(node => node.OpType));
        Assert.Equal(["kernel"], model.Graph.Initializer.Select(initialiser => initialiser.Name));
    }

    private Tensor Input(params ReadOnlySpan<Dim> dims) => _graph.Input("input", ElementType.F32, Shape.Of(dims));

    private static string Of(Tensor tensor) => tensor.Shape.ToString();

    private static void Says(string words, Func<Tensor> op) =>
        Assert.Contains(words, Assert.Throws<ShapeException>(() => { op(); }).Message, StringComparison.Ordinal);
}
