using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;

namespace ActionStream.Models.Layers;

/// <summary>Every token asks all tokens and takes a weighted mean of their values, once per head (Vaswani et al. 2017).</summary>
internal sealed class SelfAttention(Weights weights, int width, int heads)
{
    private readonly Weight _queryKernel = Inward(weights / "query", width, heads);
    private readonly Weight _queryBias = Shift(weights / "query", width, heads);
    private readonly Weight _keyKernel = Inward(weights / "key", width, heads);
    private readonly Weight _keyBias = Shift(weights / "key", width, heads);
    private readonly Weight _valueKernel = Inward(weights / "value", width, heads);
    private readonly Weight _valueBias = Shift(weights / "value", width, heads);
    private readonly Weight _outKernel = (weights / "out").Get("kernel", heads, width / heads, width).Reshape(width, width);
    private readonly Weight _outBias = (weights / "out").Get("bias", width);

    /// <param name="x">[B, N, D] in, [B, N, D] out.</param>
    public Tensor Apply(Tensor x) => Apply(x, x);

    /// <summary>The answers for some of the tokens only, as when a last layer serves one class token.</summary>
    /// <param name="asking">[B, M, D] tokens whose answers are wanted.</param>
    /// <param name="all">[B, N, D] tokens that are asked.</param>
    /// <returns>[B, M, D]</returns>
    public Tensor Apply(Tensor asking, Tensor all)
    {
        var graph = all.Graph;
        using var _ = graph.Within(weights.Path);
        var query = asking.Affine(graph.Use(_queryKernel), graph.Use(_queryBias));   // [B, M, D]
        var key = all.Affine(graph.Use(_keyKernel), graph.Use(_keyBias));            // [B, N, D]
        var value = all.Affine(graph.Use(_valueKernel), graph.Use(_valueBias));      // [B, N, D]
        var attended = query.Attend(key, value, heads);                                   // [B, M, D]
        return attended.Affine(graph.Use(_outKernel), graph.Use(_outBias)).Mark(weights.Path);
    }

    // Flax keeps heads as an axis, head-major: [D, heads, head] is [D, D] by columns.
    private static Weight Inward(Weights weights, int width, int heads) =>
        weights.Get("kernel", width, heads, width / heads).Reshape(width, width);

    private static Weight Shift(Weights weights, int width, int heads) => weights.Get("bias", heads, width / heads).Reshape(width);
}
