namespace ActionStream.Core.Media;

/// <summary>One decoded picture in pooled memory. Whoever holds it passes it on or disposes it.</summary>
public sealed class Frame(FrameTime time, FrameSize size, PixelBlock pixels) : IDisposable
{
    private PixelBlock? _pixels = pixels;

    public FrameTime Time { get; } = time;

    public FrameSize Size { get; } = size;

    /// <summary>The decoder complained at about this time.</summary>
    public bool IsDamaged { get; init; }

    /// <summary>[H, W, 3], rgb24.</summary>
    public ReadOnlySpan<byte> Pixels => Block.Span[..Size.Bytes];

    /// <summary>The same pixels for one more holder, who disposes them.</summary>
    public PixelBlock Share() => Block.Share();

    // The block may already serve someone else when a holder disposes twice.
    public void Dispose() => Interlocked.Exchange(ref _pixels, null)?.Dispose();

    private PixelBlock Block => _pixels ?? throw new ObjectDisposedException(nameof(Frame));
}
