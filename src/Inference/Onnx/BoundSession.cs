using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace ActionStream.Inference.Onnx;

/// <summary>One worker's view of a session: input and output memory taken once and bound for every batch size, so that a run allocates nothing.</summary>
/// <remarks>On a GPU the input lies in pinned memory, from which the device copies without the CPU.</remarks>
internal sealed unsafe class BoundSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly List<Bucket> _buckets = [];
    private readonly List<IDisposable> _owned = [];
    private readonly byte* _input;
    private readonly float* _output;
    private readonly float* _further;

    /// <param name="session">Shared; a session may be run from several threads.</param>
    /// <param name="input">Name, type and shape of one row: bytes in, [.., ..] without the batch.</param>
    /// <param name="sizes">Batch sizes to prepare, ascending.</param>
    /// <param name="further">Another output, for runs that ask for it; null for none.</param>
    public BoundSession(
        InferenceSession session, TensorPort input, TensorPort output, IReadOnlyList<int> sizes, bool isGpu, int device, TensorPort? further = null)
    {
        (_session, Input, Output, Further) = (session, input, output, further);
        var largest = sizes[^1];
        var (inputAddress, inputPlace) = Allocate(input.RowBytes * largest, isGpu, device);
        var (outputAddress, outputPlace) = Allocate(output.RowBytes * largest, isGpu: false, device);
        _input = (byte*)inputAddress;
        _output = (float*)outputAddress;
        var (furtherAddress, furtherPlace) = further is null ? default : Allocate(further.RowBytes * largest, isGpu: false, device);
        _further = (float*)furtherAddress;
        foreach (var size in sizes)
        {
            _buckets.Add(new(size, Bind(isFurther: false), further is null ? null : Bind(isFurther: true)));

            OrtIoBinding Bind(bool isFurther)
            {
                var binding = session.CreateIoBinding();
                _owned.Add(binding);
                binding.BindInput(input.Name, View(inputPlace, input, size, inputAddress));
                binding.BindOutput(output.Name, View(outputPlace, output, size, outputAddress));
                if (isFurther)
                {
                    binding.BindOutput(further!.Name, View(furtherPlace, further, size, furtherAddress));
                }

                return binding;
            }
        }
    }

    public TensorPort Input { get; }

    public TensorPort Output { get; }

    public TensorPort? Further { get; }

    public int MaxRows => _buckets[^1].Rows;

    /// <summary>Where row <paramref name="row"/> of the next run's input goes.</summary>
    public Span<byte> Row(int row) => new(_input + ((long)row * Input.RowBytes), checked((int)Input.RowBytes));

    /// <summary>Runs the first rows. Rows that fill up a bucket hold whatever they held, and their answers are not given.</summary>
    /// <returns>[rows, …], valid until the next run.</returns>
    public ReadOnlySpan<float> Run(int rows)
    {
        _session.RunWithBinding(_run, BucketFor(rows).Binding);
        return new(_output, checked((int)(Output.RowBytes / sizeof(float) * rows)));
    }

    /// <summary>The same with the further output, which it must have been prepared for.</summary>
    /// <param name="further">[rows, …], likewise.</param>
    public ReadOnlySpan<float> Run(int rows, out ReadOnlySpan<float> further)
    {
        _session.RunWithBinding(_run, BucketFor(rows).WithFurther!);
        further = new(_further, checked((int)(Further!.RowBytes / sizeof(float) * rows)));
        return new(_output, checked((int)(Output.RowBytes / sizeof(float) * rows)));
    }

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

    private (nint Address, OrtMemoryInfo Place) Allocate(long bytes, bool isGpu, int device)
    {
        if (isGpu)
        {
            var pinned = new OrtMemoryInfo(OrtMemoryInfo.allocatorCUDA_PINNED, OrtAllocatorType.DeviceAllocator, device, OrtMemType.CpuOutput);
            var allocator = new OrtAllocator(_session, pinned);
            var block = allocator.Allocate((uint)bytes);
            _owned.AddRange([pinned, allocator, block]);
            return (block.DangerousGetHandle(), pinned);
        }

        var memory = new NativeBlock(bytes);
        _owned.Add(memory);
        return (memory.Address, OrtMemoryInfo.DefaultInstance);
    }

    private OrtValue View(OrtMemoryInfo place, TensorPort port, int rows, nint address)
    {
        var value = OrtValue.CreateTensorValueWithData(place, port.Type, [rows, .. port.Row], address, port.RowBytes * rows);
        _owned.Add(value);
        return value;
    }

    private readonly record struct Bucket(int Rows, OrtIoBinding Binding, OrtIoBinding? WithFurther);

    private sealed class NativeBlock : IDisposable
    {
        private void* _memory;

        public NativeBlock(long bytes)
        {
            _memory = NativeMemory.AlignedAlloc((nuint)bytes, 64);
            NativeMemory.Clear(_memory, (nuint)bytes);
        }

        public nint Address => (nint)_memory;

        public void Dispose()
        {
            NativeMemory.AlignedFree(_memory);
            _memory = null;
        }
    }
}

/// <summary>An input or output of a graph whose first axis is the batch.</summary>
/// <param name="Row">Axes after the batch.</param>
internal sealed record TensorPort(string Name, TensorElementType Type, IReadOnlyList<long> Row)
{
    public long RowBytes { get; } = Row.Aggregate(1L, (product, axis) => product * axis) * (Type == TensorElementType.UInt8 ? 1 : sizeof(float));
}
