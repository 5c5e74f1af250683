using ActionStream.Core.Configuration;

namespace ActionStream.Inference.Configuration;

/// <summary>Where the model runs and how clips are put to it.</summary>
public record InferenceOptions
{
    /// <summary>
    /// auto, cpu, cuda or tensorrt. Anything but auto is a demand: if it does not load, the program says what is missing
    /// and stops.
    /// </summary>
    public DeviceRequest Device { get; init; }

    /// <summary>Which GPU, from 0.</summary>
    public int DeviceIndex { get; init; }

    /// <summary>
    /// Threads inside one run on the CPU. One, with several workers, brings more clips per second than many threads on one
    /// clip.
    /// </summary>
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

    /// <summary>
    /// How long one run may take. One that takes longer counts as one that never returns: the service leaves with exit code
    /// 3, for its supervisor to start it anew. 0 goes by what runs cost: a hundred times that, at least 30s.
    /// </summary>
    public TimeSpan RunTimeout { get; init; }

    public BatchOptions Batch { get; init; } = new();

    public void Check(ConfigCheck check)
    {
        check.Expect(DeviceIndex is >= 0 and <= 63, DeviceIndex, "0 to 63");
        check.Expect(Threads is >= 1 and <= 256, Threads, "1 to 256 threads");
        check.Expect(
            SelfCheck == TimeSpan.Zero || (SelfCheck >= TimeSpan.FromSeconds(1) && SelfCheck <= TimeSpan.FromDays(7)),
            SelfCheck, "1s to 7d, or 0s for only at the start");
        check.Expect(
            RunTimeout == TimeSpan.Zero || (RunTimeout >= TimeSpan.FromSeconds(1) && RunTimeout <= TimeSpan.FromHours(1)),
            RunTimeout, "1s to 1h, or 0s to go by what runs cost");
        Batch.Check(check.At(nameof(Batch)));
    }
}
