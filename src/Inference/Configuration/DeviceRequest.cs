namespace ActionStream.Inference.Configuration;

/// <summary>Where models run. The words of the setting `device`.</summary>
public enum DeviceRequest
{
    /// <summary>CUDA if it loads, else the CPU; says which, and why.</summary>
    Auto,
    Cpu,
    Cuda,
    Tensorrt,
}
