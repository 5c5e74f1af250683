using ActionStream.Inference.Configuration;
using ActionStream.Inference.Onnx;

namespace ActionStream.Unit.Inference.Onnx;

public sealed class DeviceFaultTests
{
    [Theory]
    [InlineData(
        "Failed to load library libonnxruntime_providers_cuda.so with error: libcublasLt.so.13: cannot open shared object file: "
        + "No such file or directory",
        "libcublasLt.so.13 could not be loaded. Install the CUDA runtime that ONNX Runtime's release notes name, "
        + "and put its folder into LD_LIBRARY_PATH")]
    [InlineData(
        "[ErrorCode:Fail] libcudnn.so.9: cannot open shared object file: No such file or directory",
        "libcudnn.so.9 could not be loaded. Install cuDNN 9")]
    [InlineData(
        "Failed to load shared library /app/libonnxruntime_providers_shared.so",
        "libonnxruntime_providers_shared.so could not be loaded. It comes with the package Microsoft.ML.OnnxRuntime.Gpu and itself needs "
        + "the CUDA runtime, cuDNN 9")]
    [InlineData(
        "CUDA failure 100: no CUDA-capable device is detected",
        "no NVIDIA GPU or driver was found. Check nvidia-smi; in a container, start it with --gpus all")]
    [InlineData(
        "CUDA execution provider is not enabled in this build.",
        "this ONNX Runtime is built without CUDA. Install the GPU build (package Microsoft.ML.OnnxRuntime.Gpu, "
        + "or the GPU image of the Dockerfile)")]
    [InlineData("something new\nsecond line", "CUDA said: something new")]
    public void What_is_missing_is_named_with_its_remedy(string message, string explained) =>
        Assert.Equal(explained, DeviceFault.Explain(DeviceRequest.Cuda, new InvalidOperationException(message)));

    [Fact]
    public void A_core_without_the_entry_point_is_a_core_without_the_device() =>
        Assert.StartsWith(
            "this ONNX Runtime is built without TensorRT",
            DeviceFault.Explain(DeviceRequest.Tensorrt, new EntryPointNotFoundException("x")), StringComparison.Ordinal);
}
