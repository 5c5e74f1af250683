using ActionStream.Inference.Attention;

namespace ActionStream.Host.Web.Live;

/// <summary>Where the present model looks, if it can tell, as browsers get it: bytes, each map on a scale from nothing to its own
/// largest.</summary>
internal sealed class ModelAttention : IAttentionReader, IDisposable
{
    private readonly Lock _lock = new();
    private AttentionReader? _reader;

    public int Frames => _reader?.Frames ?? 1;

    public int Tokens => _reader?.Tokens ?? 0;

    /// <summary>Another model's, or nobody's. Waits for one that is being asked.</summary>
    public void Use(AttentionReader? reader)
    {
        lock (_lock)
        {
            _reader?.Dispose();
            _reader = reader;
        }
    }

    public Attention? Read(Sight sight)
    {
        lock (_lock)
        {
            return _reader is { } reader && sight.Size == reader.FrameSize && sight.Frames.Count >= reader.Frames
                ? Read(reader, sight)
                : null;
        }
    }

    public void Dispose() => Use(null);

    private static Attention Read(AttentionReader reader, Sight sight)
    {
        for (var i = 0; i < reader.Frames; i++)
        {
            sight.Frames[sight.Frames.Count - reader.Frames + i].Span[..sight.Size.Bytes].CopyTo(reader.Frame(i));
        }

        return new(reader.Tokens, reader.Height, reader.Width, InBytes(reader.Read(), reader.Height * reader.Width));
    }

    /// <param name="maps">[S, h, w]</param>
    /// <param name="cells">h·w</param>
    internal static byte[] InBytes(ReadOnlySpan<float> maps, int cells)
    {
        var bytes = new byte[maps.Length];
        for (var start = 0; start < maps.Length; start += cells)
        {
            var map = maps.Slice(start, cells);
            var largest = 0f;
            foreach (var value in map)
            {
                largest = Math.Max(largest, value);
            }

            for (var i = 0; i < cells && largest > 0; i++)
            {
                bytes[start + i] = (byte)Math.Clamp(MathF.Round(255 * map[i] / largest), 0, 255);
            }
        }

        return bytes;
    }
}
