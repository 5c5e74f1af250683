using ActionStream.Core.Configuration;
using ActionStream.Inference.Batching;
using ActionStream.Inference.Scoring;

namespace ActionStream.Inference;

/// <summary>Where models run. The words of the setting `device`.</summary>
public enum DeviceRequest
{
    /// <summary>CUDA if it loads, else the CPU; says which, and why.</summary>
    Auto,
    Cpu,
    Cuda,
    Tensorrt,
}

/// <summary>How windows go through the model. The words of the setting `windows`.</summary>
public enum WindowPath
{
    /// <summary>Cached where the model allows it, else full.</summary>
    Auto,

    /// <summary>Tokens of tubelets are kept and shared by every window that holds them; the answers are the same.</summary>
    Cached,

    /// <summary>Every window whole.</summary>
    Full,
}

/// <summary>What becomes of a configuration that asks for more than the machine can do. The words of the setting `admission`.</summary>
public enum Admission
{
    /// <summary>It runs, says so, and sheds load by priority.</summary>
    Warn,

    /// <summary>It does not start.</summary>
    Refuse,
}

/// <summary>Where the model runs and how clips are put to it.</summary>
public record InferenceOptions
{
    /// <summary>auto, cpu, cuda or tensorrt. Anything but auto is a demand: if it does not load, the program says what is missing and stops.</summary>
    public DeviceRequest Device { get; init; }

    /// <summary>Which GPU, from 0.</summary>
    public int DeviceIndex { get; init; }

    /// <summary>Threads inside one run on the CPU. One, with several workers, brings more clips per second than many threads on one clip.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Let ONNX Runtime's threads spin while they wait. Faster alone on a machine, ruinous beside ffmpeg.</summary>
    public bool Spin { get; init; }

    /// <summary>Half precision where TensorRT finds it faster; scores change in the third digit.</summary>
    public bool TensorrtHalf { get; init; }

    /// <summary>Folder for TensorRT's compiled engines, so that the next start takes seconds; empty keeps none.</summary>
    public string TensorrtCache { get; init; } = "";

    /// <summary>auto, cached or full. Cached is a demand: a model that does not come in two parts is refused.</summary>
    public WindowPath Windows { get; init; }

    /// <summary>How often an answer from cached tokens is held against the whole model's; 0 only at the start.</summary>
    public TimeSpan SelfCheck { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>warn or refuse, where the cameras ask for more than the model, as measured at the start, can do here.</summary>
    public Admission Admission { get; init; }

    public BatchOptions Batch { get; init; } = new();

    public void Check(ConfigCheck check)
    {
        check.Expect(DeviceIndex is >= 0 and <= 63, DeviceIndex, "0 to 63");
        check.Expect(Threads is >= 1 and <= 256, Threads, "1 to 256 threads");
        check.Expect(
            SelfCheck == TimeSpan.Zero || (SelfCheck >= TimeSpan.FromSeconds(1) && SelfCheck <= TimeSpan.FromDays(7)),
            SelfCheck, "1s to 7d, or 0s for only at the start");
        Batch.Check(check.At(nameof(Batch)));
    }
}

/// <summary>How clips are grouped, and when they are too old to matter.</summary>
public sealed record BatchOptions
{
    /// <summary>Most clips in one run; 0 chooses 1 on a CPU, where batches gain nothing, and 32 on a GPU, where batches of 8 leave up to three quarters of it unused (bench/results/gpu.md).</summary>
    public int MaxSize { get; init; }

    /// <summary>How long the oldest clip may wait for company. Matters only while a session is idle and batches hold more than one.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Latency budget of cameras that name none: age, from the end of its window, at which an answer is not worth computing; 0 for never.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Sessions that run at the same time; 0 chooses one per core on a CPU and 2 on a GPU, where one copies while the other computes.</summary>
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
