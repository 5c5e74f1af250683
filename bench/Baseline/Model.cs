using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Baseline;

/// <summary>The whole model in one session that all cameras share.</summary>
internal sealed class Model : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly SemaphoreSlim _places;

    /// <param name="threads">Threads of one run.</param>
    public Model(string folder, int threads)
    {
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        options.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");
        _session = new InferenceSession(Path.Combine(folder, "model.onnx"), options);

        // More runs at once than cores would only push each other out of the caches.
        _places = new SemaphoreSlim(Math.Max(1, Environment.ProcessorCount / threads));

        var (input, shape) = _session.InputMetadata.Single();
        var (output, logits) = _session.OutputMetadata.Single();
        if (shape.ElementDataType != TensorElementType.UInt8 || shape.Dimensions is not [_, var frames, var height, var width, 3])
        {
            throw new FormatException(
                $"the model takes {shape.ElementDataType} [{string.Join(", ", shape.Dimensions)}]; expected UInt8 [N, T, H, W, 3]");
        }

        (Input, Output, Frames, Height, Width, Classes) = (input, output, frames, height, width, logits.Dimensions[^1]);
    }

    public string Input { get; }

    public string Output { get; }

    public int Frames { get; }

    public int Height { get; }

    public int Width { get; }

    public int Classes { get; }

    public int FrameBytes => Height * Width * 3;

    /// <summary>Memory for one camera's window and answer, taken once.</summary>
    public Slot CreateSlot() => new(this);

    public void Dispose()
    {
        _session.Dispose();
        _run.Dispose();
        _places.Dispose();
    }

    /// <summary>One camera's input and output, reused in every run.</summary>
    internal sealed class Slot : IDisposable
    {
        private readonly Model _model;
        private readonly OrtValue _input;
        private readonly OrtValue _output;
        private readonly float[] _logits;

        public Slot(Model model)
        {
            _model = model;
            Window = GC.AllocateArray<byte>(model.Frames * model.FrameBytes, pinned: true);
            _logits = GC.AllocateArray<float>(model.Classes, pinned: true);
            _input = OrtValue.CreateTensorValueFromMemory(Window, [1, model.Frames, model.Height, model.Width, 3]);
            _output = OrtValue.CreateTensorValueFromMemory(_logits, [1, model.Classes]);
        }

        /// <summary>[T, H, W, 3]</summary>
        public byte[] Window { get; }

        /// <summary>Runs the model on the window; the best class and its probability.</summary>
        public (int Best, float Score) Run()
        {
            _model._places.Wait();
            try
            {
                _model._session.Run(_model._run, [_model.Input], [_input], [_model.Output], [_output]);
            }
            finally
            {
                _model._places.Release();
            }

            var best = _logits.AsSpan().IndexOf(_logits.Max());
            return (best, 1 / _logits.Sum(logit => MathF.Exp(logit - _logits[best])));
        }

        public void Dispose()
        {
            _input.Dispose();
            _output.Dispose();
        }
    }
}
