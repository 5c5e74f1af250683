using ActionStream.Core.Media;

namespace ActionStream.Bench.Engine;

/// <summary>Frames without a camera: noise, the same at the same place, so that measuring the engine measures nothing else.</summary>
internal sealed class NoiseVideo : IDisposable
{
    private readonly PixelBlock[] _frames;
    private readonly PixelBlock[] _window;

    /// <param name="frames">After so many it begins again; more than a window, so that no window repeats another.</param>
    public NoiseVideo(PixelPool pool, FrameSize size, int frames)
    {
        Size = size;
        (_frames, _window) = (new PixelBlock[frames], new PixelBlock[frames]);
        var noise = new Random(1);
        for (var i = 0; i < frames; i++)
        {
            _frames[i] = pool.Rent(size.Bytes);
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
