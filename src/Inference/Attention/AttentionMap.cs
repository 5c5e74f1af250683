namespace ActionStream.Inference.Attention;

/// <summary>Makes one map of where the model looked in a window of all its tokens' maps. Pure, and in one order of sums:
/// both paths give the same bits.</summary>
/// <remarks>
/// A map counts by the cube of its sharpness, so that tokens that look everywhere say nothing. Of the ways that need nothing
/// measured beforehand this points best with the packaged model (training/pointing.py).
/// </remarks>
internal static class AttentionMap
{
    /// <summary>What one tubelet adds to its window.</summary>
    /// <param name="maps">[S, h, w], each with the sum 1.</param>
    /// <param name="sum">[h, w]</param>
    public static void Combine(ReadOnlySpan<float> maps, Span<float> sum)
    {
        sum.Clear();
        for (var start = 0; start < maps.Length; start += sum.Length)
        {
            var map = maps.Slice(start, sum.Length);
            var weight = (float)Math.Pow(Sharpness(map), 3);
            for (var i = 0; i < sum.Length; i++)
            {
                sum[i] += weight * map[i];
            }
        }
    }

    /// <summary>The window's map, with the sum 1.</summary>
    /// <param name="tubelets">[T/τ, h, w], oldest first.</param>
    /// <param name="window">[h, w]</param>
    public static void Finish(ReadOnlySpan<float> tubelets, Span<float> window)
    {
        window.Clear();
        for (var start = 0; start < tubelets.Length; start += window.Length)
        {
            for (var i = 0; i < window.Length; i++)
            {
                window[i] += tubelets[start + i];
            }
        }

        var total = 0.0;
        foreach (var value in window)
        {
            total += value;
        }

        for (var i = 0; i < window.Length; i++)
        {
            window[i] = total > 0 ? (float)(window[i] / total) : 1f / window.Length; // all looked everywhere
        }
    }

    /// <summary>1 for a map that is all in one place, 0 for one that is the same everywhere: what its entropy
    /// lacks of the most there can be.</summary>
    internal static double Sharpness(ReadOnlySpan<float> map)
    {
        var negative = 0.0;
        foreach (var value in map)
        {
            negative += value > 0 ? value * Math.Log(value) : 0;
        }

        return map.Length > 1 ? Math.Clamp(1 + (negative / Math.Log(map.Length)), 0, 1) : 0;
    }
}
