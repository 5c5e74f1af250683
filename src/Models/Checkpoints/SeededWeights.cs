using System.Text;

namespace ActionStream.Models.Checkpoints;

/// <summary>Random weights that are the same on every machine: what each array holds depends on the seed and its own
/// path, not on the order of asking.</summary>
/// <remarks>
/// Kernels keep the variance of what passes through them (1/√inputs), norms begin near identity, and tables are small,
/// so that activations stay near 1 in any depth and an answer depends on the frame. Labels of such a model mean nothing.
/// </remarks>
internal sealed class SeededWeights(ulong seed) : IWeightSource
{
    public IReadOnlyList<int>? ShapeOf(string path, IReadOnlyList<int>? wanted) => wanted;

    public float[] Read(string path, IReadOnlyList<int> shape)
    {
        var (mean, deviation) = Spread(path, shape);
        var noise = new Noise(seed ^ Hash(path));
        var values = new float[shape.Aggregate(1, (product, dim) => product * dim)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)(mean + (deviation * noise.NextNormal()));
        }

        return values;
    }

    private static (double Mean, double Deviation) Spread(string path, IReadOnlyList<int> shape)
    {
        var parts = path.Split('/', '.');
        return parts[^1] switch
        {
            "scale" or "running_var" or "a_2" => (1, 0.05),
            "weight" when shape.Count == 1 => (1, 0.05),
            // PyTorch: [out, in, …]
            "weight" => (0, Gain(parts) / Math.Sqrt(shape.Skip(1).Aggregate(1.0, (product, dim) => product * dim))),
            "gamma_1" or "gamma_2" => (0.5, 0.05), // what a block adds to its input
            "bias" or "b_2" => (0, 0.02),
            "kernel" => (0, Gain(parts) / Math.Sqrt(Inputs(parts, shape))),
            _ => (0, 0.1), // position tables and class tokens
        };
    }

    // Attention kernels carry heads as an axis of their own: [D, heads, head] in, [heads, head, D] out.
    private static double Inputs(string[] parts, IReadOnlyList<int> shape) =>
        parts is [.., "query" or "key" or "value", _] ? shape[0] : shape.SkipLast(1).Aggregate(1.0, (product, dim) => product * dim);

    // A frame's patches are alike, and so would be the answers: look closer, and answer more boldly.
    private static double Gain(string[] parts) => parts switch
    {
        ["output_projection" or "head" or "fc_action" or "fc", _] => 3,
        [.., "query" or "key", _] or [.., "token_masking", "Dense_1", _] => 2,
        _ => 1,
    };

    // FNV-1a, 64 bits: string.GetHashCode differs from run to run.
    private static ulong Hash(string text) =>
        Encoding.UTF8.GetBytes(text).Aggregate(14695981039346656037UL, (hash, letter) => (hash ^ letter) * 1099511628211UL);
}

/// <summary>SplitMix64, and bells from sums: only integers and exact products, so the same numbers everywhere, indefinitely.</summary>
/// <remarks>Logarithms and sines differ in the last digit between C libraries; a sum of four uniform
/// numbers is bell-shaped enough.</remarks>
internal struct Noise(ulong state)
{
    // A uniform 16-bit number has the variance (2^32 - 1) / 12; four of them, a third of 2^32.
    private const double Scale = 1.7320508075688772 / 65536;

    public ulong Next()
    {
        var z = state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>Mean 0, variance 1, never beyond 3.5.</summary>
    public double NextNormal()
    {
        var bits = Next();
        var sum = (int)(bits & 0xFFFF) + (int)((bits >> 16) & 0xFFFF) + (int)((bits >> 32) & 0xFFFF) + (int)(bits >> 48);
        return (sum - 131070) * Scale;
    }
}
