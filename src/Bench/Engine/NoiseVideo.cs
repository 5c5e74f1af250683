using ActionStream.Core.Media;

namespace ActionStream.Bench.Engine;

/// <summary>Frames without a camera: noise, the same at the same place, so that measuring the engine measures nothing else.</summary>
internal sealed class NoiseVideo : IDisposable
{
    private readonly PixelBlock[] _frames;
    private readonly PixelBlock[] _window;

    /// <param name="frames">After so many it begins again; at least four windows, more than the token cache remembers, so that nothing
    /// is known by its pixels.</param>
    /// <param name="picture">Which of its pictures a frame shows; null for one of its own each. Frames with the same picture have
    /// memory of their own, as a camera's have.</param>
    public NoiseVideo(PixelPool pool, FrameSize size, int frames, Func<int, int>? picture = null)
    {
        Size = size;
        (_frames, _window) = (new PixelBlock[frames], new PixelBlock[frames]);
        var noise = new Random(1);
        var shown = new Dictionary<int, PixelBlock>();
        for (var i = 0; i < frames; i++)
        {
            _frames[i] = pool.Rent(size.Bytes);
            if (picture is not null && !shown.TryAdd(picture(i), _frames[i]))
            {
                shown[picture(i)].Span.CopyTo(_frames[i].Span);
                continue;
            }

            noise.NextBytes(_frames[i].Span);
        }
    }

    public FrameSize Size { get; }

    /// <summary>A share of the frame at a grid index.</summary>
    public PixelBlock Share(long index) => _frames[(int)(index % _frames.Length)].Share();

    /// <summary>A window as a camera's assembler makes it.</summary>
    public Clip Window(string stream, int segment, long start, int length, long now)
    {
        lock (_window)
        {
            for (var i = 0; i < length; i++)
            {
                _window[i] = Share(start + i);
            }

            return new(
                stream, new ClipTime(0, segment, start, default, default, default, now, now), new(length, 0, default), Size,
                _window.AsSpan(0, length));
        }
    }

    public void Dispose()
    {
        foreach (var frame in _frames)
        {
            frame.Dispose();
        }
    }
}
