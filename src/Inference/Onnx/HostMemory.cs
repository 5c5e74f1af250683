using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace ActionStream.Inference.Onnx;

/// <summary>Memory that a graph is fed from or answers into: pinned for a GPU, so that the device copies it
/// without the CPU, else ordinary.</summary>
internal sealed unsafe class HostMemory : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private void* _ordinary;

    /// <param name="isPinned">Asks for pinned memory; what cannot be pinned is ordinary, which works and is slower.</param>
    public HostMemory(InferenceSession session, long bytes, bool isPinned, int device)
    {
        if (!isPinned || !TryPin(session, bytes, device))
        {
            _ordinary = NativeMemory.AlignedAlloc((nuint)bytes, 64);
            Address = (nint)_ordinary;
        }

        NativeMemory.Clear((void*)Address, (nuint)bytes);
    }

    public nint Address { get; private set; }

    /// <summary>Why it is not pinned, where that was asked for.</summary>
    public string? PinProblem { get; private set; }

    public void Dispose()
    {
        foreach (var owned in Enumerable.Reverse(_owned))
        {
            owned.Dispose();
        }

        _owned.Clear();
        NativeMemory.AlignedFree(_ordinary);
        _ordinary = null;
    }

    private bool TryPin(InferenceSession session, long bytes, int device)
    {
        try
        {
            var place = new OrtMemoryInfo(
                OrtMemoryInfo.allocatorCUDA_PINNED, OrtAllocatorType.DeviceAllocator, device, OrtMemType.CpuOutput);
            _owned.Add(place);
            var allocator = new OrtAllocator(session, place);
            _owned.Add(allocator);
            var block = allocator.Allocate(checked((uint)bytes));
            _owned.Add(block);
            Address = block.DangerousGetHandle();
            PinProblem = Address == 0 ? $"no {bytes} bytes could be pinned" : null;
        }
        catch (Exception refused) when (refused is OnnxRuntimeException or OverflowException or NotSupportedException)
        {
            PinProblem = refused.Message.Split('\n')[0];
        }

        return PinProblem is null;
    }
}
