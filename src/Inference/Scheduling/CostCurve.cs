using ActionStream.Inference.Batching;

namespace ActionStream.Inference.Scheduling;

/// <summary>How long one graph takes for each batch size it is prepared for: measured at warm-up, and followed while it runs.</summary>
/// <remarks>Read and written from several threads; each entry is one number, so readers see an old or a new one.</remarks>
public sealed class CostCurve
{
    /// <summary>Share of a new observation: a machine that grows slower shows within some twenty runs, one bad run does not.</summary>
    private const double Weight = 0.1;

    private readonly int[] _sizes;
    private readonly double[] _seconds;

    /// <param name="sizes">Batch sizes, ascending; a batch between two is filled up to the larger.</param>
    /// <param name="measured">Time of one run at each of them.</param>
    public CostCurve(IReadOnlyList<int> sizes, IReadOnlyList<TimeSpan> measured)
    {
        ArgumentOutOfRangeException.ThrowIfZero(sizes.Count, nameof(sizes));
        ArgumentOutOfRangeException.ThrowIfNotEqual(measured.Count, sizes.Count, nameof(measured));
        _sizes = [.. sizes];
        _seconds = [.. measured.Select(time => time.TotalSeconds)];
    }

    /// <summary>Largest batch of one run.</summary>
    public int MaxSize => _sizes[^1];

    public IReadOnlyList<int> Sizes => _sizes;

    /// <summary>Expected time for so many rows, in as many runs as that takes.</summary>
    public TimeSpan Of(int rows)
    {
        if (rows <= 0)
        {
            return TimeSpan.Zero;
        }

        var (full, rest) = Math.DivRem(rows, MaxSize);
        return TimeSpan.FromSeconds(full * Volatile.Read(ref _seconds[^1]) + (rest > 0 ? Volatile.Read(ref _seconds[IndexOf(rest)]) : 0));
    }

    /// <summary>One run of so many rows lasted so long.</summary>
    public void Observe(int rows, TimeSpan elapsed)
    {
        ref var seconds = ref _seconds[IndexOf(rows)];
        var known = Volatile.Read(ref seconds);
        Volatile.Write(ref seconds, known + Weight * (elapsed.TotalSeconds - known));
    }

    private int IndexOf(int rows)
    {
        var index = 0;
        while (_sizes[index] < rows)
        {
            index++;
        }

        return index;
    }
}
