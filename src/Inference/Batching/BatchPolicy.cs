using ActionStream.Inference.Scheduling;

namespace ActionStream.Inference.Batching;

/// <summary>How large a batch should be, and when it has waited long enough for company.</summary>
/// <remarks>Pure, so that every rule of batching is tested without a queue, a thread or a clock.</remarks>
public sealed record BatchPolicy
{
    public required int MaxSize { get; init; }

    /// <summary>How long the oldest clip may wait for company.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>How much longer to wait, given what has been gathered. Zero means: go.</summary>
    public TimeSpan Patience(int gathered, TimeSpan oldestWaited) =>
        gathered == 0 || gathered >= MaxSize || oldestWaited >= MaxDelay ? TimeSpan.Zero : MaxDelay - oldestWaited;

    /// <summary>How many of the waiting clips to run together: as many as bring the most answers per second, and no
    /// more than can be done in time.</summary>
    /// <remarks>A batch between two prepared sizes costs as much as the larger: five clips may better go
    /// as four, and one with the next.</remarks>
    /// <param name="waiting">Clips that could be taken now, at least 1.</param>
    /// <param name="slack">Time until the most urgent of them must be answered.</param>
    public int SizeFor(int waiting, CostCurve costs, TimeSpan slack)
    {
        var best = 1;
        for (var size = 2; size <= Math.Min(waiting, MaxSize); size++)
        {
            var elapsed = costs.Of(size);
            best = elapsed <= slack && size / elapsed.TotalSeconds >= best / costs.Of(best).TotalSeconds ? size : best;
        }

        return best;
    }

    /// <summary>The batch sizes a session is prepared for. A GPU compiles for each shape, so it knows doublings only
    /// and fills up; a CPU takes any.</summary>
    public IReadOnlyList<int> Buckets(bool isGpu) =>
        isGpu
            ? [.. Doublings().TakeWhile(size => size < MaxSize), MaxSize]
            : [.. Enumerable.Range(1, MaxSize)];

    /// <summary>The same for the frame encoder, whose rows are tubelets: a window that starts afresh brings several at once.</summary>
    /// <param name="steps">Tubelets per window.</param>
    public IReadOnlyList<int> EncoderBuckets(bool isGpu, int steps) =>
        isGpu ? [.. Doublings().TakeWhile(size => size < MaxSize * steps).TakeWhile(size => size <= 64)] : [1];

    private static IEnumerable<int> Doublings()
    {
        for (var size = 1; ; size *= 2)
        {
            yield return size;
        }
    }
}
