using ActionStream.Core.Media;
using ActionStream.Ingest.Quality;

namespace ActionStream.Ingest.Windowing;

/// <summary>What a clip wants to know of a sampled frame besides its pixels.</summary>
/// <param name="IsHeld">The slot was empty; these are the pixels of the one before.</param>
/// <param name="Distance">Time from the frame before it.</param>
/// <param name="Marks">What is wrong with the frame.</param>
internal readonly record struct SampledFrame(
    long Index, TimeSpan Presentation, long ArrivedAt, bool IsHeld, TimeSpan Distance, FrameMarks Marks);

/// <summary>The last few sampled frames of one stream. It shares their pixels with the clips that are still under way.</summary>
internal sealed class FrameRing(int length) : IDisposable
{
    private readonly PixelBlock?[] _pixels = new PixelBlock?[length];
    private readonly PixelBlock[] _shares = new PixelBlock[length];
    private readonly SampledFrame[] _frames = new SampledFrame[length];
    private int _next;

    public int Count { get; private set; }

    public bool IsEmpty => Count == 0;

    /// <param name="back">0 is the newest.</param>
    public ref readonly SampledFrame this[int back] => ref _frames[Row(back)];

    /// <summary>The newest frame; empty if there is none.</summary>
    public ReadOnlySpan<byte> Newest => IsEmpty ? [] : _pixels[Row(0)]!.Span;

    /// <param name="pixels">The ring's own share from here on.</param>
    public void Add(in SampledFrame frame, PixelBlock pixels)
    {
        _pixels[_next]?.Dispose();
        _pixels[_next] = pixels;
        _frames[_next] = frame;
        _next = (_next + 1) % length;
        Count = Math.Min(Count + 1, length);
    }

    /// <summary>Fills a slot with the frame of the frame before.</summary>
    public void Hold(in SampledFrame frame) => Add(frame, _pixels[Row(0)]!.Share());

    /// <summary>A share of the newest frame; only if there is one.</summary>
    public PixelBlock ShareNewest() => _pixels[Row(0)]!.Share();

    /// <summary>Shares of the newest frames, oldest first; valid until the next call.</summary>
    public ReadOnlySpan<PixelBlock> Share(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _shares[i] = _pixels[Row(count - 1 - i)]!.Share();
        }

        return _shares.AsSpan(0, count);
    }

    public void Clear()
    {
        Count = 0;
        for (var row = 0; row < length; row++)
        {
            _pixels[row]?.Dispose();
            _pixels[row] = null;
        }
    }

    public void Dispose() => Clear();

    private int Row(int back) => (_next - 1 - back + 2 * length) % length;
}
