namespace ActionStream.Core.Media;

/// <summary>Names a tubelet for good: equal keys mean equal pixels, so tokens computed once may be reused.</summary>
/// <param name="FirstIndex">Absolute grid index of the tubelet's first sampled frame.</param>
public readonly record struct TubeletKey(string Stream, int Epoch, int Segment, long FirstIndex);

/// <summary>The few neighbouring frames that become one set of tokens: the unit of work of the token cache.</summary>
public sealed class Tubelet(TubeletKey key, long arrivedAt, int length, FrameSize size, PixelBlock pixels) : IDisposable
{
    private PixelBlock? _pixels = pixels;

    public TubeletKey Key { get; } = key;

    /// <summary>Time stamp when its last frame had been read.</summary>
    public long ArrivedAt { get; } = arrivedAt;

    /// <summary>Frames, τ.</summary>
    public int Length { get; } = length;

    public FrameSize Size { get; } = size;

    /// <summary>[τ, H, W, 3], rgb24, oldest frame first.</summary>
    public ReadOnlySpan<byte> Pixels => Block.Span[..(Length * Size.Bytes)];

    // The block may already serve someone else when a holder disposes twice.
    public void Dispose() => Interlocked.Exchange(ref _pixels, null)?.Dispose();

    private PixelBlock Block => _pixels ?? throw new ObjectDisposedException(nameof(Tubelet));
}
