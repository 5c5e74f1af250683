using ActionStream.Core.Configuration;
using ActionStream.Inference.Batching;

namespace ActionStream.Inference.Configuration;

/// <summary>How clips are grouped, and when they are too old to matter.</summary>
public sealed record BatchOptions
{
    /// <summary>
    /// Most clips in one run; 0 chooses 1 on a CPU, where batches gain nothing, and 32 on a GPU, where batches of 8 leave
    /// up to three quarters of it unused (bench/results/gpu.md).
    /// </summary>
    public int MaxSize { get; init; }

    /// <summary>
    /// How long the oldest clip may wait for company. Matters only while a session is idle and batches hold more than one.
    /// </summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// Latency budget of cameras that name none: age, from the arrival of its last frame, at which an answer is not worth
    /// computing; 0 for never.
    /// </summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Sessions that run at the same time; 0 chooses one per core on a CPU and 2 on a GPU, where one copies while the other
    /// computes.
    /// </summary>
    public int Workers { get; init; }

    public void Check(ConfigCheck check)
    {
        check.Expect(MaxSize is >= 0 and <= 64, MaxSize, "1 to 64 clips, or 0 to choose by device");
        check.Expect(MaxDelay >= TimeSpan.Zero && MaxDelay <= TimeSpan.FromSeconds(1), MaxDelay, "0s to 1s");
        check.Expect(
            Deadline == TimeSpan.Zero || (Deadline >= TimeSpan.FromMilliseconds(10) && Deadline <= TimeSpan.FromMinutes(1)),
            Deadline, "10ms to 1m, or 0s for none");
        check.Expect(Deadline == TimeSpan.Zero || MaxDelay < Deadline, MaxDelay, $"less than the deadline of {SettingText.Of(Deadline)}");
        check.Expect(Workers is >= 0 and <= 64, Workers, "1 to 64, or 0 to choose by device");
    }

    /// <summary>The rules on a given device.</summary>
    public BatchPolicy PolicyOn(bool isGpu) =>
        new() { MaxSize = MaxSize > 0 ? MaxSize : isGpu ? 32 : 1, MaxDelay = MaxDelay };

    public int WorkersOn(bool isGpu, int cores) => Workers > 0 ? Workers : isGpu ? 2 : Math.Max(1, cores);
}
