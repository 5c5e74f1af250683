using System.Buffers;
using System.Runtime.InteropServices;

namespace ActionStream.Models.Graphs;

/// <summary>Floats seen as bytes without a copy: a model of half a gigabyte is in memory once, not twice.</summary>
internal sealed class FloatBytes(float[] values) : MemoryManager<byte>
{
    public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(values.AsSpan());

    // Protobuf writes spans; only native code would want addresses.
    public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
