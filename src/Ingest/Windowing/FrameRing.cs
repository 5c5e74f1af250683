using ActionStream.Core.Media;

namespace ActionStream.Ingest.Windowing;

/// <summary>What a clip wants to know of a sampled frame besides its pixels.</summary>
/// <param name="IsHeld">The slot was empty; these are the pixels of the one before.</param>
/// <param name="Distance">Time from the frame before it.</param>
internal readonly record struct SampledFrame(long Index, TimeSpan Presentation, long ArrivedAt, bool IsHeld, TimeSpan Distance);

/// <summary>The last few sampled frames of one stream, in one block of memory: a clip is then at most two copies.</summary>
internal sealed class FrameRing(int length, FrameSize size, PixelPool pool) : IDisposable
{
    private readonly PixelBlock _pixels = pool.Rent(length * size.Bytes);
    private readonly SampledFrame[] _frames = new SampledFrame[length];
    private int _next;

    public int Count { get; private set; }

    public bool IsEmpty => Count == 0;

    /// <param name="back">0 is the newest.</param>
    public ref readonly SampledFrame this[int back] => ref _frames[Row(back)];

    public void Add(in SampledFrame frame, ReadOnlySpan<byte> pixels)
    {
        pixels.CopyTo(Pixels(_next, 1));
        Advance(frame);
    }

    /// <summary>Fills a slot with the pixels of the frame before.</summary>
    public void Hold(in SampledFrame frame)
    {
        var before = Row(0);
        if (before != _next)
        {
            Pixels(before, 1).CopyTo(Pixels(_next, 1));
        }

        Advance(frame);
    }

    /// <summary>Copies the newest frames, oldest first.</summary>
    public void CopyTo(Span<byte> clip, int count)
    {
        var start = Row(count - 1);
        var beforeSeam = Math.Min(count, length - start);
        Pixels(start, beforeSeam).CopyTo(clip);
        Pixels(0, count - beforeSeam).CopyTo(clip[(beforeSeam * size.Bytes)..]);
    }

    public void Clear() => Count = 0;

    public void Dispose() => _pixels.Dispose();

    private void Advance(in SampledFrame frame)
    {
        _frames[_next] = frame;
        _next = (_next + 1) % length;
        Count = Math.Min(Count + 1, length);
    }

    private int Row(int back) => (_next - 1 - back + 2 * length) % length;

    private Span<byte> Pixels(int row, int count) => _pixels.Span.Slice(row * size.Bytes, count * size.Bytes);
}
