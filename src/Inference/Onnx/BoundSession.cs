using ActionStream.Inference.Batching;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace ActionStream.Inference.Onnx;

/// <summary>One worker's view of a session: input and output memory taken once for every batch size, so that a run
/// moves nothing but what it must.</summary>
/// <remarks>
/// On a CPU the memory is bound once and a run allocates nothing. On a GPU a binding would be a trap: ONNX Runtime copies an
/// input to the device when it is <em>bound</em>, and every later run reads that old copy. There the values are handed to
/// each run, which copies them in its own stream, from pinned memory. ONNX Runtime takes that memory for ordinary memory of
/// the CPU: told that it is pinned, it copies an answer onto itself, and refuses to.
/// </remarks>
internal sealed unsafe class BoundSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly List<Bucket> _buckets = [];
    private readonly List<IDisposable> _owned = [];
    private readonly byte* _input;
    private readonly float* _output;
    private readonly float* _second;

    /// <param name="session">Shared; a session may be run from several threads.</param>
    /// <param name="input">Name, type and shape of one row: bytes in, [.., ..] without the batch.</param>
    /// <param name="sizes">Batch sizes to prepare, ascending.</param>
    /// <param name="second">Another output, for runs that ask for it; null for none.</param>
    public BoundSession(
        InferenceSession session, TensorPort input, TensorPort output, IReadOnlyList<int> sizes, bool isGpu, int device,
        TensorPort? second = null)
    {
        (_session, Input, Output, SecondOutput) = (session, input, output, second);
        var fed = Take(input, isGpu);
        var answered = Take(output, isGpu);
        var told = second is null ? null : Take(second, isGpu);
        _input = (byte*)fed.Address;
        _output = (float*)answered.Address;
        _second = (float*)(told?.Address ?? 0);
        PinProblem = fed.PinProblem;
        foreach (var size in sizes)
        {
            var ins = (input.Name, View(fed, input, size));
            var outs = (output.Name, View(answered, output, size));
            _buckets.Add(new(
                size, Prepare(ins, outs), second is null ? null : Prepare(ins, outs, (second.Name, View(told!, second, size)))));
        }

        Action Prepare((string Name, OrtValue Value) feed, params (string Name, OrtValue Value)[] fetches) =>
            isGpu ? ByValue(feed, fetches) : Bound(feed, fetches);

        HostMemory Take(TensorPort port, bool isPinned)
        {
            var memory = new HostMemory(session, port.RowBytes * sizes[^1], isPinned, device);
            _owned.Add(memory);
            return memory;
        }
    }

    public TensorPort Input { get; }

    public TensorPort Output { get; }

    public TensorPort? SecondOutput { get; }

    /// <summary>Why the input lies in ordinary memory on a GPU; null where it does not.</summary>
    public string? PinProblem { get; }

    public int MaxRows => _buckets[^1].Rows;

    /// <summary>Where row <paramref name="row"/> of the next run's input goes.</summary>
    public Span<byte> Row(int row) => new(_input + ((long)row * Input.RowBytes), checked((int)Input.RowBytes));

    /// <summary>Runs the first rows. Rows that fill up a bucket hold whatever they held, and their answers are not given.</summary>
    /// <returns>[rows, …], valid until the next run.</returns>
    public ReadOnlySpan<float> Run(int rows)
    {
        BucketFor(rows).Run();
        return new(_output, checked((int)(Output.RowBytes / sizeof(float) * rows)));
    }

    /// <summary>The same with the second output, which it must have been prepared for.</summary>
    /// <param name="second">[rows, …], likewise.</param>
    public ReadOnlySpan<float> Run(int rows, out ReadOnlySpan<float> second)
    {
        BucketFor(rows).RunWithSecond!();
        second = new(_second, checked((int)(SecondOutput!.RowBytes / sizeof(float) * rows)));
        return new(_output, checked((int)(Output.RowBytes / sizeof(float) * rows)));
    }

    /// <summary>Asks a run that is under way to end, from any thread; no run of this view gives answers after that.</summary>
    public void Terminate() => _run.Terminate = true;

    public void Dispose()
    {
        foreach (var owned in Enumerable.Reverse(_owned))
        {
            owned.Dispose();
        }

        _run.Dispose();
    }

    private Bucket BucketFor(int rows)
    {
        var bucket = _buckets[0];
        for (var i = 1; bucket.Rows < rows; i++)
        {
            bucket = _buckets[i];
        }

        return bucket;
    }

    private Action Bound((string Name, OrtValue Value) feed, (string Name, OrtValue Value)[] fetches)
    {
        var binding = _session.CreateIoBinding();
        _owned.Add(binding);
        binding.BindInput(feed.Name, feed.Value);
        Array.ForEach(fetches, fetch => binding.BindOutput(fetch.Name, fetch.Value));
        return () => _session.RunWithBinding(_run, binding);
    }

    private Action ByValue((string Name, OrtValue Value) feed, (string Name, OrtValue Value)[] fetches)
    {
        string[] fed = [feed.Name], fetched = [.. fetches.Select(fetch => fetch.Name)];
        OrtValue[] from = [feed.Value], to = [.. fetches.Select(fetch => fetch.Value)];
        return () => _session.Run(_run, fed, from, fetched, to);
    }

    private OrtValue View(HostMemory memory, TensorPort port, int rows)
    {
        var value = OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance, port.Type, [rows, .. port.Row], memory.Address, port.RowBytes * rows);
        _owned.Add(value);
        return value;
    }

    private readonly record struct Bucket(int Rows, Action Run, Action? RunWithSecond);
}

/// <summary>An input or output of a graph whose first axis is the batch.</summary>
/// <param name="Row">Axes after the batch.</param>
internal sealed record TensorPort(string Name, TensorElementType Type, IReadOnlyList<long> Row)
{
    public long RowBytes { get; } = Row.Aggregate(1L, (product, axis) => product * axis) * Type switch
    {
        TensorElementType.UInt8 => 1,
        TensorElementType.Float => sizeof(float),
        _ => throw new NotSupportedException($"{Name} is {Type}; expected UInt8 or Float"), // float16 models have float32 ends
    };
}
