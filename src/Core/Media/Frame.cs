namespace ActionStream.Core.Media;

/// <summary>One decoded frame in pooled memory. Whoever holds it passes it on or disposes it, once.</summary>
/// <remarks>A value, because every camera makes one per frame: copies are one and the same frame, with one holder.</remarks>
public readonly struct Frame(FrameTime time, FrameSize size, PixelBlock pixels) : IDisposable
{
    public FrameTime Time { get; } = time;

    public FrameSize Size { get; } = size;

    /// <summary>The decoder complained at about this time.</summary>
    public bool IsDamaged { get; init; }

    /// <summary>The camera began to send another size or pixel format with it: no clip holds frames of both.</summary>
    public bool BeginsFormat { get; init; }

    /// <summary>The one picture in a while that is decoded of a camera that is asleep: looked at, and part of no clip.</summary>
    public bool IsHeartbeat { get; init; }

    /// <summary>The first frame after a sleep: what was before it is known, and no window is lost between.</summary>
    public bool EndsSleep { get; init; }

    /// <summary>[H, W, 3], rgb24.</summary>
    public ReadOnlySpan<byte> Pixels => pixels.Span[..Size.Bytes];

    /// <summary>The same pixels for one more holder, who disposes them.</summary>
    public PixelBlock Share() => pixels.Share();

    /// <summary>The same frame, which its holder held up until now.</summary>
    /// <param name="at">Time stamp of the pipeline's clock.</param>
    public Frame ArrivingAt(long at) => new(Time with { ArrivedAt = at }, Size, pixels)
    {
        IsDamaged = IsDamaged,
        BeginsFormat = BeginsFormat,
        IsHeartbeat = IsHeartbeat,
        EndsSleep = EndsSleep,
    };

    public void Dispose() => pixels.Dispose();
}
