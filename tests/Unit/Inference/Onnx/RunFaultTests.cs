using ActionStream.Inference.Onnx;

namespace ActionStream.Unit.Inference.Onnx;

public sealed class RunFaultTests
{
    [Theory]
    [InlineData("[ErrorCode:RuntimeException] Non-zero status code returned while running Conv node. Name:'c' Status Message: "
        + "/onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:376 void* onnxruntime::BFCArena::AllocateRawInternal(...) "
        + "Failed to allocate memory for requested buffer of size 8589934592")]
    [InlineData("bfc_arena.cc: Available memory of 1048576 is smaller than requested bytes of 8589934592")]
    [InlineData("CUDA failure 2: out of memory ; GPU=0 ; hostname=edge ; expr=cudaMalloc((void**)&p, size);")]
    [InlineData("CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0 ; expr=cublasCreate(&cublas_handle_);")]
    [InlineData("CUDNN failure 4000: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED ; GPU=0")]
    [InlineData("std::bad_alloc")]
    public void What_did_not_fit_is_told_from_what_is_broken(string message) =>
        Assert.Equal("out_of_memory", RunFault.ReasonOf(message));

    [Theory]
    [InlineData("CUDA failure 999: unknown error ; GPU=0 ; hostname=edge ; expr=cudaStreamSynchronize(stream);")]
    [InlineData("CUDA failure 700: an illegal memory access was encountered ; GPU=0")]
    [InlineData("CUDA failure 719: unspecified launch failure ; GPU=0")]
    [InlineData("CUBLAS failure 14: CUBLAS_STATUS_INTERNAL_ERROR ; GPU=0")]
    [InlineData("CUDNN failure 5003: CUDNN_STATUS_EXECUTION_FAILED_CUDART ; GPU=0")]
    public void A_device_that_is_gone_is_told_from_a_run_that_failed(string message) =>
        Assert.Equal("device_lost", RunFault.ReasonOf(message));

    [Theory]
    [InlineData("[ErrorCode:InvalidArgument] Got invalid dimensions for input: clip")]
    [InlineData("Exiting due to terminate flag being set to true.")]
    public void Everything_else_is_a_run_that_failed(string message) => Assert.Equal("run_failed", RunFault.ReasonOf(message));
}
