using System.Text.RegularExpressions;

namespace ActionStream.Inference.Onnx;

/// <summary>Reads what ONNX Runtime says when a run throws: whether less would have fitted, or the device is gone.</summary>
/// <remarks>It gives no codes for these, only texts of its own and of CUDA.</remarks>
internal static partial class RunFault
{
    /// <summary>A word for the metrics: out_of_memory, device_lost, run_failed.</summary>
    public static string ReasonOf(string message) =>
        Memory().IsMatch(message) ? "out_of_memory"
        : Device().IsMatch(message) ? "device_lost"
        : "run_failed";

    [GeneratedRegex(
        @"Failed to allocate memory|out of memory|bad_alloc|bad allocation|ALLOC_FAILED|ALLOCATION_FAILED|"
        + @"Available memory of \d+ is smaller than requested|CUDA (failure|error) 2\b|cudaErrorMemoryAllocation",
        RegexOptions.IgnoreCase)]
    private static partial Regex Memory();

    // Errors after which every call of CUDA in this process fails, and those of libraries that stand on it.
    [GeneratedRegex(
        @"CUDA (failure|error) \d+|cudaError|CUBLAS failure|CUBLAS_STATUS|CUDNN failure|CUDNN_STATUS|device-side assert|"
        + @"unspecified launch failure|illegal memory access|device is (lost|unavailable)|fallen off the bus|\bXid\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex Device();
}
