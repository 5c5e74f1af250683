using System.Globalization;
using ActionStream.Inference.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace ActionStream.Inference.Onnx;

/// <summary>A session and where it really runs.</summary>
/// <param name="Device">cpu, cuda:0, tensorrt:0</param>
/// <param name="NotPinned">Gets the reason why memory for it could not be pinned.</param>
internal sealed record OpenedSession(InferenceSession Session, string Device, bool IsGpu, Action<string>? NotPinned = null);

/// <summary>Opens ONNX files on the device that was asked for, or says what stands in the way.</summary>
public sealed partial class OnnxSessionFactory(InferenceOptions options, ILogger log)
{
    /// <summary>Products of float32 on a GPU may round their factors to 10 bits (TF32), as ONNX
    /// Runtime does unless told otherwise.</summary>
    /// <remarks>Off: on an H200 a window of cached tokens then differed by 7e-3 from the whole; exact products were within 3e-5 of the
    /// CPU's. Who wants speed builds in fp16.</remarks>
    public bool AllowsTf32 { get; init; }

    private string? _profile;
    private bool _isSaid;

    /// <summary>Finds out whether a device loads, without a model. Null if it does, else what is missing.</summary>
    public static string? WhyNot(DeviceRequest device, int index = 0)
    {
        if (device is DeviceRequest.Cpu or DeviceRequest.Auto)
        {
            return null;
        }

        try
        {
            using var session = new SessionOptions();
            Append(session, device, new InferenceOptions { DeviceIndex = index }, allowsTf32: true);
            return null;
        }
        catch (Exception problem) when (IsDeviceProblem(problem))
        {
            return DeviceFault.Explain(device, problem);
        }
    }

    /// <summary>Version of the ONNX Runtime in use.</summary>
    public static string RuntimeVersion => OrtEnv.Instance().GetVersionString();

    /// <exception cref="DeviceException">The device was asked for by name and does not load.</exception>
    /// <exception cref="OnnxRuntimeException">The file is not a model that ONNX Runtime can run.</exception>
    internal OpenedSession Open(string path)
    {
        switch (options.Device)
        {
            case DeviceRequest.Cpu:
                return OpenOn(DeviceRequest.Cpu, path);
            case DeviceRequest.Auto when TryOpenOn(DeviceRequest.Cuda, path, out var problem) is var opened:
                if (opened is not null)
                {
                    SayOnce(() => LogAutoGpu(opened.Device));
                    return opened;
                }

                SayOnce(() => LogAutoCpu(problem!));
                return OpenOn(DeviceRequest.Cpu, path);
            default:
                return TryOpenOn(options.Device, path, out var reason)
                    ?? throw new DeviceException($"device {Word(options.Device)} was asked for and does not load: {reason}");
        }
    }

    // A model has up to three graphs, and one device.
    private void SayOnce(Action say)
    {
        if (!Interlocked.Exchange(ref _isSaid, true))
        {
            say();
        }
    }

    /// <summary>Opens a file just to read its inputs and outputs: on the CPU, without preparing it to run.</summary>
    internal static InferenceSession OpenToRead(string path)
    {
        using var session = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
            IntraOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        session.AddSessionConfigEntry("session.disable_prepacking", "1");
        return new InferenceSession(path, session);
    }

    /// <summary>The same, for sessions that write down what they run.</summary>
    /// <param name="prefix">Of the file's path.</param>
    internal OnnxSessionFactory Profiling(string prefix) => new(options, log) { AllowsTf32 = AllowsTf32, _profile = prefix };

    internal static string Word(DeviceRequest device) => device.ToString().ToLowerInvariant();

    private OpenedSession? TryOpenOn(DeviceRequest device, string path, out string? problem)
    {
        // First the device without the file, so that a broken file is not taken for a missing device.
        problem = WhyNot(device, options.DeviceIndex);
        if (problem is not null)
        {
            return null;
        }

        try
        {
            return OpenOn(device, path);
        }
        catch (OnnxRuntimeException failed) when (IsDeviceProblem(failed) && DeviceWords(failed.Message))
        {
            problem = DeviceFault.Explain(device, failed);
            return null;
        }
    }

    private OpenedSession OpenOn(DeviceRequest device, string path)
    {
        using var session = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            IntraOpNumThreads = options.Threads,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        if (_profile is not null)
        {
            (session.EnableProfiling, session.ProfileOutputPathPrefix) = (true, _profile);
        }

        var spin = options.Spin ? "1" : "0";
        session.AddSessionConfigEntry("session.intra_op.allow_spinning", spin);
        session.AddSessionConfigEntry("session.inter_op.allow_spinning", spin);
        if (device is DeviceRequest.Cpu)
        {
            return new(new InferenceSession(path, session), "cpu", IsGpu: false);
        }

        Append(session, device, options, AllowsTf32);
        var place = string.Create(CultureInfo.InvariantCulture, $"{Word(device)}:{options.DeviceIndex}");
        return new(new InferenceSession(path, session), place, IsGpu: true, LogNotPinned);
    }

    private static void Append(SessionOptions session, DeviceRequest device, InferenceOptions options, bool allowsTf32)
    {
        var index = options.DeviceIndex.ToString(CultureInfo.InvariantCulture);
        if (device == DeviceRequest.Tensorrt)
        {
            using var tensorrt = new OrtTensorRTProviderOptions();
            var settings = new Dictionary<string, string> { ["device_id"] = index, ["trt_fp16_enable"] = options.TensorrtHalf ? "1" : "0" };
            if (options.TensorrtCache.Length > 0)
            {
                settings["trt_engine_cache_enable"] = "1";
                settings["trt_engine_cache_path"] = options.TensorrtCache;
                settings["trt_timing_cache_enable"] = "1";
            }

            tensorrt.UpdateOptions(settings);
            session.AppendExecutionProvider_Tensorrt(tensorrt);
        }

        // Also behind TensorRT, for the nodes it does not take.
        using var cuda = new OrtCUDAProviderOptions();
        cuda.UpdateOptions(new Dictionary<string, string>
        {
            ["device_id"] = index,
            ["arena_extend_strategy"] = "kSameAsRequested", // grows by need: the GPU is shared with decoding
            ["cudnn_conv_algo_search"] = "HEURISTIC",       // an exhaustive search would make the first run of every shape take seconds
            ["use_tf32"] = allowsTf32 ? "1" : "0",
        });
        session.AppendExecutionProvider_CUDA(cuda);
    }

    // The CPU-only core has no such entry point; a core with CUDA whose libraries are missing says which.
    private static bool IsDeviceProblem(Exception problem) =>
        problem is EntryPointNotFoundException or OnnxRuntimeException or DllNotFoundException or NotSupportedException;

    private static bool DeviceWords(string message) =>
        message.Contains("CUDA", StringComparison.OrdinalIgnoreCase) || message.Contains("TensorRT", StringComparison.OrdinalIgnoreCase)
        || message.Contains("cudnn", StringComparison.OrdinalIgnoreCase) || message.Contains("providers_", StringComparison.Ordinal);

    [LoggerMessage(LogLevel.Information, "device auto: running on {Device}")]
    private partial void LogAutoGpu(string device);

    [LoggerMessage(LogLevel.Information, "device auto: running on the CPU, because {Problem}")]
    private partial void LogAutoCpu(string problem);

    [LoggerMessage(LogLevel.Warning, "Frames go to the GPU from ordinary memory, which is slower: {Problem}")]
    private partial void LogNotPinned(string problem);
}
