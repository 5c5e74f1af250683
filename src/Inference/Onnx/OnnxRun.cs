using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace ActionStream.Inference.Onnx;

/// <summary>Runs a file once on the CPU, outside any pipeline: all inputs in, all outputs out.</summary>
public static class OnnxRun
{
    /// <param name="inputs">Shape and numbers by the graph's names; a single input may be called anything.</param>
    /// <returns>Every output by its name; whole numbers become floats.</returns>
    /// <exception cref="OnnxRunException">ONNX Runtime cannot read the file, or cannot run it.</exception>
    public static IReadOnlyDictionary<string, float[]> Run(
        string path, IReadOnlyDictionary<string, (IReadOnlyList<int> Shape, float[] Values)> inputs)
    {
        try
        {
            using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
            using var session = new InferenceSession(path, options);
            var fed = session.InputNames.Count == 1 && inputs.Count == 1
                ? [Feed(inputs.Values.Single())]
                : session.InputNames.Select(name => Feed(
                    inputs.TryGetValue(name, out var input)
                        ? input
                        : throw new OnnxRunException($"{path} wants an input {name}, and none is given"))).ToList();
            try
            {
                using var run = new RunOptions();
                using var results = session.Run(run, session.InputNames, fed, session.OutputNames);
                return session.OutputNames.Zip(results)
                    .ToDictionary(pair => pair.First, pair => Numbers(pair.Second), StringComparer.Ordinal);
            }
            finally
            {
                fed.ForEach(value => value.Dispose());
            }
        }
        catch (OnnxRuntimeException refused)
        {
            throw new OnnxRunException($"{path}: {refused.Message.Split('\n')[0]}", refused);
        }
    }

    private static OrtValue Feed((IReadOnlyList<int> Shape, float[] Values) input) =>
        OrtValue.CreateTensorValueFromMemory(input.Values, [.. input.Shape.Select(axis => (long)axis)]);

    private static float[] Numbers(OrtValue value) => value.GetTensorTypeAndShape().ElementDataType switch
    {
        TensorElementType.Float => value.GetTensorDataAsSpan<float>().ToArray(),
        TensorElementType.Float16 => [.. value.GetTensorDataAsSpan<Float16>().ToArray().Select(number => (float)number)],
        TensorElementType.Int64 => [.. value.GetTensorDataAsSpan<long>().ToArray().Select(number => (float)number)],
        TensorElementType.Int32 => [.. value.GetTensorDataAsSpan<int>().ToArray().Select(number => (float)number)],
        var other => throw new OnnxRunException($"an output is {other}; expected numbers"),
    };
}

/// <summary>A file that does not run, in words.</summary>
public sealed class OnnxRunException(string message, Exception? inner = null) : Exception(message, inner);
