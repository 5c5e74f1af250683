using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;

namespace ActionStream.Models.UniFormer;

/// <summary>
/// A global block that attends over the important tokens only. The others are stood for by one token, their mean by
/// importance, and what attention changes about it is added to each of them.
/// </summary>
internal sealed class ShrinkingBlock(Weights weights, int width, int heads, int hidden, Shrinking shrinking, bool hasGains)
{
    private readonly Conv _place = new(weights / "pos_embed", ConvShape.Depthwise(width, 3));
    private readonly LayerNorm _norm1 = new(weights / "norm1", width, GlobalBlock.Epsilon, "weight");
    private readonly TokenAttention _attention = new(weights / "attn", width, heads);
    private readonly LayerNorm _norm2 = new(weights / "norm2", width, GlobalBlock.Epsilon, "weight");
    private readonly TokenMlp _mlp = new(weights / "mlp", width, hidden);
    private readonly Weight? _gain1 = hasGains ? weights.Get("gamma_1", width) : null;
    private readonly Weight? _gain2 = hasGains ? weights.Get("gamma_2", width) : null;

    public LightState Apply(LightState state)
    {
        using var _ = state.Map.Graph.Within(weights.Path);
        var shape = state.Map.Shape;
        var tokens = (state.Map + _place.Apply(state.Map)).ToTokens();                     // [N, L, C]
        var (x, cls, importance) = shrinking.Keep < 1 && state.Importance is not null
            ? Shrunk(tokens, state.Cls, state.Importance)
            : Whole(tokens, state.Cls, state.Importance);
        return new(
            x.ToMap(shape).Mark($"{weights.Path}.x"), cls.Mark($"{weights.Path}.cls"), importance.Mark($"{weights.Path}.global_attn"));
    }

    private (Tensor X, Tensor Cls, Tensor Importance) Whole(Tensor x, Tensor cls, Tensor? importance)
    {
        var count = (int)x.Shape[1].Factor;
        var s = Arranging.Concat(1, cls, x);                                               // [N, 1 + L, C]
        var (first, second, heed) = Changes(s);
        s = s + first + second;
        var heeded = heed.Slice(1, 1, count + 1);                                          // [N, L]
        return (s.Slice(1, 1, count + 1), s.Slice(1, 0, 1), importance is null ? heeded : Mix(importance, heeded));
    }

    private (Tensor X, Tensor Cls, Tensor Importance) Shrunk(Tensor x, Tensor cls, Tensor importance)
    {
        var all = (int)x.Shape[1].Factor;
        var count = shrinking.Of(all);
        var kept = count == 0 ? null : importance.TopIndices(count);                       // [N, K]
        kept?.Cast(ElementType.F32).Mark($"{weights.Path}.kept");

        var left = kept is null ? importance : importance.With(kept, importance.At(kept) * 0f);
        var shares = left.Per(left.Total()).Reshape(x.Shape[0], 1, all);     // [N, 1, L], nothing at the kept
        var stand = shares.MatMulUncounted(x);                                             // [N, 1, C], stands for all that are not kept
        var s = kept is null ? Arranging.Concat(1, cls, stand) : Arranging.Concat(1, cls, x.RowsAt(kept), stand);   // [N, 1 + K + 1, C]
        var (first, second, heed) = Changes(s);
        s = s + first + second;

        // The tokens that were stood for get the change of the one that stood for them, not its value.
        var change = (first + second).Slice(1, count + 1, count + 2);                      // [N, 1, C]
        x += change;
        if (kept is not null)
        {
            x = x.WithRows(kept, s.Slice(1, 1, count + 1));
        }

        return (x, s.Slice(1, 0, 1), Update(importance, kept, heed, count, all));
    }

    // Where one token alone is dropped, the authors' code takes the heed to its stand-in for its own.
    private Tensor Update(Tensor importance, Tensor? kept, Tensor heed, int count, int all)
    {
        if (count == all - 1)
        {
            var order = importance.TopIndices(all);
            return importance.With(order, Mix(importance.At(order), heed.Slice(1, 1, all + 1)));
        }

        return kept is null ? importance : importance.With(kept, Mix(importance.At(kept), heed.Slice(1, 1, count + 1)));
    }

    private Tensor Mix(Tensor importance, Tensor heed) => (importance * (float)(1 - shrinking.Trust)) + (heed * (float)shrinking.Trust);

    // The two things a transformer block adds to its input, and the class token's heed.
    private (Tensor First, Tensor Second, Tensor Heed) Changes(Tensor s)
    {
        s.Mark($"{weights.Path}.tokens_in");
        var (attended, heed) = _attention.ApplyWithHeed(_norm1.Apply(s));
        var first = attended.Times(_gain1);
        var second = _mlp.Apply(_norm2.Apply(s + first)).Times(_gain2);
        return (first, second, heed);
    }
}
