using Microsoft.ML.OnnxRuntime;

namespace ActionStream.Inference.Onnx;

/// <summary>One graph of a model on its device, with the two ends that clips go through.</summary>
internal sealed record OpenGraph(OpenedSession Opened, TensorPort Input, TensorPort Output, int DeviceIndex) : IDisposable
{
    public bool IsGpu => Opened.IsGpu;

    /// <summary>True if it was exported for one row at a time.</summary>
    public bool TakesOneRow => Opened.Session.InputMetadata[Input.Name].Dimensions[0] == 1;

    /// <param name="input">Axes after the batch; the element type is the file's.</param>
    /// <param name="inputName">Null: the graph's only one.</param>
    public static OpenGraph Open(
        OnnxSessionFactory factory, string path, IReadOnlyList<long> input, IReadOnlyList<long> output, int deviceIndex,
        string? inputName = null, string? outputName = null)
    {
        var opened = factory.Open(path);
        inputName ??= opened.Session.InputNames[0];
        outputName ??= opened.Session.OutputNames[0];
        return new(
            opened,
            new(inputName, opened.Session.InputMetadata[inputName].ElementDataType, input),
            new(outputName, opened.Session.OutputMetadata[outputName].ElementDataType, output),
            deviceIndex);
    }

    /// <summary>One worker's view, prepared for some batch sizes.</summary>
    /// <param name="second">Another output than the graph's main one, for runs that ask for it.</param>
    public BoundSession Bind(IReadOnlyList<int> sizes, TensorPort? second = null)
    {
        var bound = new BoundSession(Opened.Session, Input, Output, sizes, IsGpu, DeviceIndex, second);
        if (bound.PinProblem is { } problem)
        {
            Opened.NotPinned?.Invoke(problem);
        }

        return bound;
    }

    public void Dispose() => Opened.Session.Dispose();
}
