using System.Text.RegularExpressions;
using ActionStream.Inference.Configuration;

namespace ActionStream.Inference.Onnx;

/// <summary>Reads what ONNX Runtime says when a device does not load, and says it to a person.</summary>
internal static partial class DeviceFault
{
    /// <summary>One line: what is missing and what to install.</summary>
    public static string Explain(DeviceRequest device, Exception problem)
    {
        var word = device == DeviceRequest.Tensorrt ? "TensorRT" : "CUDA";
        if (problem is EntryPointNotFoundException || NotBuiltIn().IsMatch(problem.Message))
        {
            return $"this ONNX Runtime is built without {word}. Install the GPU build (package Microsoft.ML.OnnxRuntime.Gpu, "
                + "or the GPU image of the Dockerfile)";
        }

        // A provider fails because of what it needs: the file that could not be opened is the one to name.
        if (new[] { CannotOpen(), Library() }.Select(words => words.Match(problem.Message)).FirstOrDefault(match => match.Success)
            is { } missing)
        {
            return $"{missing.Value} could not be loaded. {Remedy(missing.Value, device)}";
        }

        return NoDevice().IsMatch(problem.Message)
            ? "no NVIDIA GPU or driver was found. Check nvidia-smi; in a container, start it with --gpus all"
            : $"{word} said: {FirstLine(problem.Message)}";
    }

    private static string Remedy(string library, DeviceRequest device) => library switch
    {
        _ when library.StartsWith("libcudnn", StringComparison.Ordinal) => "Install cuDNN 9",
        _ when library.StartsWith("libnvinfer", StringComparison.Ordinal)
            || library.StartsWith("libnvonnxparser", StringComparison.Ordinal) =>
            "Install TensorRT 10",
        _ when library.StartsWith("libcuda.", StringComparison.Ordinal) =>
            "Install the NVIDIA driver; in a container, start it with --gpus all",
        _ when library.StartsWith("libonnxruntime_providers", StringComparison.Ordinal) =>
            "It comes with the package Microsoft.ML.OnnxRuntime.Gpu and itself needs the CUDA runtime, "
            + $"cuDNN 9{(device == DeviceRequest.Tensorrt ? " and TensorRT 10" : "")}",
        _ => "Install the CUDA runtime that ONNX Runtime's release notes name, and put its folder into LD_LIBRARY_PATH",
    };

    private static string FirstLine(string text) => text.Split('\n')[0].Trim();

    [GeneratedRegex(@"lib[\w+-]+\.so[\w.]*(?=: cannot open shared object)")]
    private static partial Regex CannotOpen();

    [GeneratedRegex(@"lib[\w+-]+\.so[\w.]*")]
    private static partial Regex Library();

    [GeneratedRegex("not enabled in this build|Unknown provider name|not supported in this build|was not built", RegexOptions.IgnoreCase)]
    private static partial Regex NotBuiltIn();

    [GeneratedRegex(
        "no CUDA-capable device|driver version is insufficient|CUDA failure (35|100)|cudaErrorNoDevice", RegexOptions.IgnoreCase)]
    private static partial Regex NoDevice();
}
