namespace ActionStream.Inference;

/// <summary>When a batch has waited long enough, and when a clip has waited too long.</summary>
/// <remarks>Pure, so that every rule of batching is tested without a queue, a thread or a clock.</remarks>
public sealed record BatchPolicy
{
    public required int MaxSize { get; init; }

    /// <summary>How long the oldest clip may wait for company.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Age at which an answer is no longer worth computing; zero for never.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How much longer to wait, given what has been gathered. Zero means: go.</summary>
    public TimeSpan Patience(int gathered, TimeSpan oldestWaited) =>
        gathered == 0 || gathered >= MaxSize || oldestWaited >= MaxDelay ? TimeSpan.Zero : MaxDelay - oldestWaited;

    public bool IsPastDeadline(TimeSpan age) => Deadline > TimeSpan.Zero && age >= Deadline;

    /// <summary>The batch sizes a session is prepared for. A GPU compiles for each shape, so it knows doublings only and fills up; a CPU takes any.</summary>
    public IReadOnlyList<int> Buckets(bool isGpu) =>
        isGpu
            ? [.. Doublings().TakeWhile(size => size < MaxSize), MaxSize]
            : [.. Enumerable.Range(1, MaxSize)];

    private static IEnumerable<int> Doublings()
    {
        for (var size = 1; ; size *= 2)
        {
            yield return size;
        }
    }
}
