namespace ActionStream.Core.Media;

/// <summary>The frames that filled one window, as a copy of their own: whoever holds it passes it on or disposes it.</summary>
public sealed class Clip(string stream, ClipTime time, ClipQuality quality, int length, FrameSize size, PixelBlock pixels) : IDisposable
{
    private PixelBlock? _pixels = pixels;

    /// <summary>The camera's key in the configuration.</summary>
    public string Stream { get; } = stream;

    public ClipTime Time { get; } = time;

    public ClipQuality Quality { get; } = quality;

    /// <summary>Frames.</summary>
    public int Length { get; } = length;

    public FrameSize Size { get; } = size;

    /// <summary>[T, H, W, 3], rgb24, oldest frame first.</summary>
    public ReadOnlySpan<byte> Pixels => Block.Span[..(Length * Size.Bytes)];

    // The block may already serve someone else when a holder disposes twice.
    public void Dispose() => Interlocked.Exchange(ref _pixels, null)?.Dispose();

    private PixelBlock Block => _pixels ?? throw new ObjectDisposedException(nameof(Clip));
}
