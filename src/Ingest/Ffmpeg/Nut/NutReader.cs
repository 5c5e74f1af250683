using ActionStream.Core.Media;

namespace ActionStream.Ingest.Ffmpeg.Nut;

/// <summary>Reads the NUT that ffmpeg writes for one rgb24 stream of known size: frames with their presentation times.</summary>
internal sealed class NutReader(Stream stream, FrameSize size, PixelPool pool)
{
    private readonly NutDemuxer _demuxer = new(stream);
    private NutStreamHeader? _checked;

    /// <summary>The next frame, or null at the end. A frame cut off by the end is dropped.</summary>
    /// <exception cref="NutException">The bytes are something else.</exception>
    public PixelBlock? Read(out TimeSpan presentation)
    {
        presentation = default;
        try
        {
            if (_demuxer.TryReadHead(size.Bytes, out var head))
            {
                Check(head);
                presentation = head.Presentation;
                return ReadPixels();
            }
        }
        catch (EndOfStreamException)
        {
            WasCutOff = true;
        }

        return null;
    }

    /// <summary>True if the input ended in the middle of something.</summary>
    public bool WasCutOff { get; private set; }

    private void Check(in NutFrameHead head)
    {
        if (!ReferenceEquals(_checked, _demuxer.Header))
        {
            _checked = _demuxer.Header!.Size == size
                ? _demuxer.Header
                : throw new NutException($"frames of {_demuxer.Header.Size}; expected {size}");
        }

        if (head.Length != size.Bytes)
        {
            throw new NutException($"a frame of {head.Length} bytes; expected {size.Bytes}");
        }
    }

    private PixelBlock ReadPixels()
    {
        var block = pool.Rent(size.Bytes);
        try
        {
            _demuxer.ReadBody(block.Span[..size.Bytes]);
            return block;
        }
        catch
        {
            block.Dispose();
            throw;
        }
    }
}
