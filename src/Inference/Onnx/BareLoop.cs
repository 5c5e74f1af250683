using ActionStream.Inference.Batching;
using Microsoft.ML.OnnxRuntime;

namespace ActionStream.Inference.Onnx;

/// <summary>The best that any engine around a model could do: the same session run in a loop, with nothing in
/// front of it and nothing behind.</summary>
public sealed class BareLoop : IDisposable
{
    private readonly OpenedSession _opened;
    private readonly long[] _shape;

    /// <param name="path">Of one graph with one input of bytes.</param>
    /// <param name="batch">Rows of every run.</param>
    public BareLoop(string path, OnnxSessionFactory factory, int batch)
    {
        _opened = factory.Open(path);
        Batch = batch;
        var input = _opened.Session.InputMetadata[_opened.Session.InputNames[0]];
        _shape = [batch, .. input.Dimensions.Skip(1).Select(axis => (long)axis)];
    }

    public int Batch { get; }

    /// <summary>Runs until the time is over, in as many threads as workers would have.</summary>
    /// <returns>Rows per second.</returns>
    public double RowsPerSecond(int workers, TimeSpan time, TimeProvider clock)
    {
        using var start = new Barrier(workers + 1);
        var rows = 0L;
        var began = 0L;
        var threads = Enumerable.Range(0, workers).Select(_ => new Thread(() =>
        {
            using var input = OrtValue.CreateTensorValueFromMemory(Noise(), _shape);
            using var options = new RunOptions();
            Run(options, input); // sets up its memory
            start.SignalAndWait();
            start.SignalAndWait();
            while (clock.GetElapsedTime(Volatile.Read(ref began)) < time)
            {
                Run(options, input);
                Interlocked.Add(ref rows, Batch);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        start.SignalAndWait();
        Volatile.Write(ref began, clock.GetTimestamp());
        start.SignalAndWait();
        threads.ForEach(thread => thread.Join());
        return rows / clock.GetElapsedTime(began).TotalSeconds;
    }

    public void Dispose() => _opened.Session.Dispose();

    private void Run(RunOptions options, OrtValue input)
    {
        using var results = _opened.Session.Run(options, _opened.Session.InputNames, [input], _opened.Session.OutputNames);
    }

    private byte[] Noise()
    {
        var noise = new byte[_shape.Aggregate(1L, (product, axis) => product * axis)];
        new Random(1).NextBytes(noise);
        return noise;
    }
}
