using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace ActionStream.Core.Media;

/// <summary>Lends blocks of native memory for pixels, so that the hot path neither allocates nor moves the managed heap.</summary>
/// <remarks>Blocks of one size are kept for reuse up to <paramref name="keep"/>; what comes back beyond that is freed.</remarks>
public sealed class PixelPool(int keep = 64) : IDisposable
{
    private readonly ConcurrentDictionary<int, ConcurrentBag<PixelBlock>> _idle = new();
    private int _inUse;
    private volatile bool _isDisposed;

    /// <summary>Blocks that are out. Zero once every frame and clip has been disposed.</summary>
    public int InUse => Volatile.Read(ref _inUse);

    /// <summary>A block of at least <paramref name="bytes"/> bytes with undefined content.</summary>
    public PixelBlock Rent(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var block = Shelf(bytes).TryTake(out var idle) ? idle : new PixelBlock(this, bytes);
        block.Lend();
        Interlocked.Increment(ref _inUse);
        return block;
    }

    internal void Return(PixelBlock block)
    {
        Interlocked.Decrement(ref _inUse);
        var shelf = Shelf(block.Length);
        if (_isDisposed || shelf.Count >= keep)
        {
            block.Free();
        }
        else
        {
            shelf.Add(block);
        }
    }

    private ConcurrentBag<PixelBlock> Shelf(int bytes) => _idle.GetOrAdd(bytes, static _ => []);

    public void Dispose()
    {
        _isDisposed = true;
        foreach (var shelf in _idle.Values)
        {
            while (shelf.TryTake(out var block))
            {
                block.Free();
            }
        }
    }
}

/// <summary>A block of native memory on loan from a <see cref="PixelPool"/>. It may have several holders; the
/// last one to dispose it returns it.</summary>
/// <remarks>Written by the first holder, before it is shared; only read from then on.</remarks>
public sealed unsafe class PixelBlock : IDisposable
{
    private readonly PixelPool _owner;
    private byte* _memory;
    private int _holders;

    internal PixelBlock(PixelPool owner, int bytes)
    {
        _owner = owner;
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 64);
        Length = bytes;
    }

    ~PixelBlock() => Free();

    public int Length { get; }

    public Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _holders) <= 0, this);
            return new Span<byte>(_memory, Length);
        }
    }

    /// <summary>One more holder, who disposes it as well. Only a holder may share.</summary>
    public PixelBlock Share()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _holders) <= 0, this);
        Interlocked.Increment(ref _holders);
        return this;
    }

    internal void Lend() => Volatile.Write(ref _holders, 1);

    internal void Free()
    {
        if (_memory != null)
        {
            NativeMemory.AlignedFree(_memory);
            _memory = null;
        }
    }

    [SuppressMessage("Usage", "CA1816", Justification = "Dispose lends the block to the next user; it is finalised only if it is lost.")]
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            _owner.Return(this);
        }
    }
}
