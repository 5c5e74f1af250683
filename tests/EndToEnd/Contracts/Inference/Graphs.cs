using ActionStream.Models.Graphs;
using Microsoft.ML.OnnxRuntime;

namespace ActionStream.EndToEnd.Contracts.Inference;

/// <summary>Runs graphs in ONNX Runtime, for tests that compare numbers.</summary>
internal static class Graphs
{
    public static InferenceSession Open(Graph graph)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        return new InferenceSession(OnnxFile.Bytes(graph), options);
    }

    /// <summary>The graph's first output.</summary>
    public static float[] Run<T>(this InferenceSession session, T[] input, params long[] shape)
        where T : unmanaged => session.RunAll(input, shape)[session.OutputNames[0]];

    public static Dictionary<string, float[]> RunAll<T>(this InferenceSession session, T[] input, params long[] shape)
        where T : unmanaged
    {
        using var value = OrtValue.CreateTensorValueFromMemory(input, shape);
        using var run = new RunOptions();
        using var results = session.Run(run, session.InputNames, [value], session.OutputNames);
        return session.OutputNames.Zip(results)
            .ToDictionary(pair => pair.First, pair => pair.Second.GetTensorDataAsSpan<float>().ToArray());
    }

    /// <summary>Largest difference, relative to the largest expected number.</summary>
    public static double Difference(IReadOnlyList<float> actual, IReadOnlyList<float> expected)
    {
        Assert.Equal(expected.Count, actual.Count);
        var largest = expected.Max(Math.Abs);
        // indices may all be 0
        return actual.Zip(expected).Max(pair => Math.Abs((double)pair.First - pair.Second)) / (largest == 0 ? 1 : largest);
    }
}
