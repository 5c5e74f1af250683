using System.Buffers;

namespace ActionStream.Core.Media;

/// <summary>The frames that filled one window, shared with the windows that overlap it: whoever holds the clip
/// passes it on or disposes it, once.</summary>
/// <remarks>There is one per decision, so whoever makes many of them has them back and fills them again.</remarks>
public sealed class Clip : IDisposable
{
    private readonly Action<Clip>? _giveBack;
    private PixelBlock[]? _frames;

    /// <param name="frames">[T], each a share of its own; oldest first. Neighbours may be one and the
    /// same frame, where a slot was held.</param>
    public Clip(string stream, ClipTime time, ClipQuality quality, FrameSize size, params ReadOnlySpan<PixelBlock> frames)
        : this(stream, null) => Fill(time, quality, size, frames);

    /// <summary>A blank one, for <see cref="Fill"/>.</summary>
    /// <param name="giveBack">Called when it is disposed: it may be filled again.</param>
    public Clip(string stream, Action<Clip>? giveBack) => (Stream, _giveBack) = (stream, giveBack);

    /// <summary>The camera's key in the configuration.</summary>
    public string Stream { get; }

    public ClipTime Time { get; private set; }

    public ClipQuality Quality { get; private set; }

    /// <summary>Frames, T.</summary>
    public int Length { get; private set; }

    public FrameSize Size { get; private set; }

    /// <summary>Begins its life, or a new one after it was given back.</summary>
    public void Fill(ClipTime time, ClipQuality quality, FrameSize size, params ReadOnlySpan<PixelBlock> frames)
    {
        (Time, Quality, Size, Length) = (time, quality, size, frames.Length);
        _frames = ArrayPool<PixelBlock>.Shared.Rent(frames.Length);
        frames.CopyTo(_frames);
    }

    /// <summary>[H, W, 3], rgb24.</summary>
    public ReadOnlySpan<byte> Frame(int index) => Frames[index].Span[..Size.Bytes];

    /// <summary>Copies some neighbouring frames, [count, H, W, 3]: the one copy on the way from the camera to the model.</summary>
    public void CopyTo(Span<byte> destination, int first, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Frame(first + i).CopyTo(destination[(i * Size.Bytes)..]);
        }
    }

    /// <summary>True if neighbouring frames have the pixels of as many others, byte by byte. Held slots, which are one frame,
    /// are not read.</summary>
    public bool HasEqualFrames(int first, int other, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (!ReferenceEquals(Frames[first + i], Frames[other + i]) && !Frame(first + i).SequenceEqual(Frame(other + i)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The same frames for one more holder, who disposes the clip. Only a holder may share.</summary>
    public Clip Share()
    {
        foreach (var frame in Frames.AsSpan(0, Length))
        {
            frame.Share();
        }

        return new(Stream, Time, Quality, Size, Frames.AsSpan(0, Length));
    }

    // The blocks may already serve someone else when a holder disposes twice.
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _frames, null) is { } frames)
        {
            foreach (var frame in frames.AsSpan(0, Length))
            {
                frame.Dispose();
            }

            ArrayPool<PixelBlock>.Shared.Return(frames, clearArray: true);
            _giveBack?.Invoke(this);
        }
    }

    private PixelBlock[] Frames => _frames ?? throw new ObjectDisposedException(nameof(Clip));
}
