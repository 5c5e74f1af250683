using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;
using ActionStream.Models.Networks;

namespace ActionStream.Models.X3D;

/// <summary>Measures of an <see cref="X2Plus1D"/>.</summary>
/// <param name="Frames">T; the matrix that mixes tokens has T·S rows.</param>
/// <param name="Tokens">S, tokens of each frame; null keeps the convolutions over time everywhere.</param>
internal sealed record X2Plus1DShape(int Frames, int? Tokens, int Classes)
{
    public static IReadOnlyList<int> Depths { get; } = [3, 5, 11, 7];
}

/// <summary>
/// An experiment: X3D with convolutions over space and over time apart, whose last stage replaces the latter by
/// TokenLearner, a vector transformer and TokenFuser (Ryoo et al. 2021, §6). A reconstruction: no code and no weights were published.
/// </summary>
/// <remarks>
/// Assumed, because the paper does not say or only our memory of it does:
/// <list type="bullet">
/// <item>channels and depths of X3D-M, no squeeze and excitation, ReLU for swish; names as PyTorchVideo would give them;</item>
/// <item>TokenLearner's one convolution is 3×3 with bias, and tokens are means, as in the paper's formula;</item>
/// <item>attention is a softmax over tokens for each channel alone; norm before it, residual around it, no MLP behind it;</item>
/// <item>TokenFuser mixes all T·S tokens by one matrix without bias, and gives each position its share by a sigmoid.</item>
/// </list>
/// </remarks>
internal sealed class X2Plus1D : INetwork
{
    private readonly X3DStem _stem;
    private readonly List<X2Plus1DBlock> _blocks = [];
    private readonly X3DHead _head;

    public X2Plus1D(Weights weights, X2Plus1DShape shape)
    {
        var blocks = weights.Dotted / "blocks";
        _stem = new(blocks / "0");
        for (int stage = 0, inputs = X3DShape.Stem; stage < X2Plus1DShape.Depths.Count; inputs = X3DShape.Widths[stage++])
        {
            for (var i = 0; i < X2Plus1DShape.Depths[stage]; i++)
            {
                _blocks.Add(new(
                    blocks / $"{stage + 1}" / "res_blocks" / $"{i}", i == 0 ? inputs : X3DShape.Widths[stage], X3DShape.Widths[stage],
                    stride: i == 0 ? 2 : 1, stage == 3 ? shape.Tokens : null, shape.Frames));
            }
        }

        _head = new(blocks / "5", X3DShape.Widths[^1], X3DShape.Inner(X3DShape.Widths[^1]), shape.Classes);
    }

    /// <param name="frames">[N, T, H, W, 3]</param>
    /// <returns>[N, K]</returns>
    public Tensor Apply(Tensor frames) => ApplyTo(ClipInput.SlowFast.Apply(frames));

    /// <param name="x">[N, 3, T, H, W], normalised.</param>
    /// <returns>[N, K]</returns>
    public Tensor ApplyTo(Tensor x) => _head.Apply(_blocks.Aggregate(_stem.Apply(x), (maps, block) => block.Apply(maps)));
}

/// <summary>A bottleneck that looks around in space, then in time: by a convolution, or by tokens.</summary>
internal sealed class X2Plus1DBlock
{
    private readonly string _path;
    private readonly Shortcut _shortcut;
    private readonly Conv _widen;
    private readonly Conv _space;
    private readonly Conv? _time;
    private readonly TokenMixing? _tokens;
    private readonly BatchNorm _norm;
    private readonly Conv _narrow;

    public X2Plus1DBlock(Weights weights, int inputs, int outputs, int stride, int? tokens, int frames)
    {
        var (branch, inner) = (weights / "branch2", X3DShape.Inner(outputs));
        _path = weights.Path;
        _shortcut = new(weights, inputs, outputs, stride);
        _widen = new Conv(branch / "conv_a", ConvShape.Pointwise(inputs, inner), hasBias: false).Then(new(branch / "norm_a", inner));
        _space = new(branch / "conv_xy", new(inner, inner, new(1, 3, 3), new(1, stride, stride), new(0, 1, 1), inner), hasBias: false);
        _norm = new(branch / "norm_b", inner);
        if (tokens is { } count)
        {
            _tokens = new(branch, inner, frames, count);
        }
        else
        {
            _time = new Conv(branch / "conv_t", new(inner, inner, new(3, 1, 1), Extent.Cube(1), new(1, 0, 0), inner), hasBias: false)
                .Then(_norm);
        }

        _narrow = new Conv(branch / "conv_c", ConvShape.Pointwise(inner, outputs), hasBias: false).Then(new(branch / "norm_c", outputs));
    }

    /// <param name="x">[N, in, T, H, W] in, [N, out, T, H/stride, W/stride] out.</param>
    public Tensor Apply(Tensor x)
    {
        var y = _space.Apply(_widen.Apply(x).Relu());
        y = _time?.Apply(y) ?? _norm.Apply(_tokens!.Apply(y));
        return (_shortcut.Apply(x) + _narrow.Apply(y.Relu())).Relu().Mark(_path);
    }
}

/// <summary>Frames speak to each other through a few tokens: learned from each map, mixed in time,
/// and given back to every position.</summary>
internal sealed class TokenMixing(Weights weights, int width, int frames, int tokens)
{
    // All channels at once would take N²·C floats, half a gigabyte for 512 tokens.
    private const int ChannelsAtOnce = 27;

    private readonly Weight _attention = (weights / "token_learner").Get("weight", tokens, width, 3, 3);
    private readonly Weight _attentionBias = (weights / "token_learner").Get("bias", tokens);
    private readonly LayerNorm _norm = new(weights / "vector_transformer" / "norm", width, scale: "weight");
    private readonly Linear _query = new(weights / "vector_transformer" / "query", width, width);
    private readonly Linear _key = new(weights / "vector_transformer" / "key", width, width);
    private readonly Linear _value = new(weights / "vector_transformer" / "value", width, width);
    private readonly Linear _out = new(weights / "vector_transformer" / "out", width, width);
    private readonly Weight _mix = (weights / "token_fuser" / "mix").Get("weight", frames * tokens, frames * tokens);
    private readonly Linear _share = new(weights / "token_fuser" / "share", width, tokens);

    /// <param name="x">[N, C, T, H, W] in and out.</param>
    public Tensor Apply(Tensor x)
    {
        var graph = x.Graph;
        using var _ = graph.Within(weights.Path);
        Dim n = x.Shape[0], h = x.Shape[3], w = x.Shape[4];
        var maps = x.Transpose(0, 2, 1, 3, 4).Reshape(n * frames, width, h, w);                                    // [N·T, C, H, W]
        var pixels = maps.Reshape(n * frames, width, h * w).Transpose(0, 2, 1);                                    // [N·T, HW, C]

        var attention = maps.Conv(graph.Use(_attention), graph.Use(_attentionBias), [1, 1], [1, 1]).Sigmoid(); // [N·T, S, H, W]
        var z = attention.Reshape(n * frames, tokens, h * w).MatMul(pixels) * (1f / (h * w).Factor);                    // [N·T, S, C]
        z = z.Reshape(n, frames * tokens, width);                                                                  // [N, T·S, C]
        z += _out.Apply(Attend(_norm.Apply(z)));

        using var __ = graph.Within(weights.Path);
        var mixed = graph.Use(_mix).MatMul(z).Reshape(n * frames, tokens, width);                                  // [N·T, S, C]
        var back = _share.Apply(pixels).Sigmoid().MatMul(mixed) + pixels;                                          // [N·T, HW, C]
        return back.Reshape(n, frames, h, w, width).Transpose(0, 4, 1, 2, 3);                                      // [N, C, T, H, W]
    }

    // Every channel is a head of width 1: y[i, c] = Σⱼ softmaxⱼ(q[i, c] · k[j, c]) · v[j, c].
    private Tensor Attend(Tensor z)
    {
        Tensor q = _query.Apply(z), k = _key.Apply(z), v = _value.Apply(z);                                        // [N, T·S, C]
        List<Tensor> parts = [];
        for (var at = 0; at < width; at += ChannelsAtOnce)
        {
            var end = Math.Min(at + ChannelsAtOnce, width);
            parts.Add(q.Slice(2, at, end).Attend(k.Slice(2, at, end), v.Slice(2, at, end), heads: end - at));
        }

        return Arranging.Concat(2, [.. parts]);
    }
}
