using System.Text;
using ActionStream.Core.Configuration;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>The last lines a child wrote to standard error: bounded, however much it writes, and without credentials.</summary>
internal sealed class StderrTail(int keep = 50)
{
    private const int MaxLine = 400;

    private readonly Lock _lock = new();
    private readonly byte[] _bytes = new byte[keep * MaxLine];
    private readonly int[] _lengths = new int[keep];
    private long _count;
    private long _complaints;
    private int _length;

    /// <summary>Lines ever written.</summary>
    public long Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    /// <summary>Lines that tell of a damaged frame. Read for every frame, so without the lock.</summary>
    public long Complaints => Volatile.Read(ref _complaints);

    /// <summary>Oldest first, passwords replaced by stars.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock)
            {
                var lines = new List<string>();
                for (var line = Math.Max(0, _count - keep + (_length > 0 ? 1 : 0)); line < _count; line++)
                {
                    lines.Add(Text(line, _lengths[line % keep]));
                }

                if (_length > 0)
                {
                    lines.Add(Text(_count, _length));
                }

                return lines;
            }
        }
    }

    /// <summary>Takes bytes as they come; a line may arrive in parts, and its end beyond 400 bytes is lost.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            foreach (var letter in bytes)
            {
                if (letter is (byte)'\n' or (byte)'\r')
                {
                    EndLine();
                }
                else if (_length < MaxLine)
                {
                    Row(_count)[_length++] = letter;
                }
            }
        }
    }

    /// <summary>Reads until the child closes its end.</summary>
    public async Task DrainAsync(Stream stderr)
    {
        var buffer = new byte[4096];
        try
        {
            for (int count; (count = await stderr.ReadAsync(buffer)) > 0;)
            {
                Append(buffer.AsSpan(0, count));
            }
        }
        catch (Exception closed) when (closed is IOException or ObjectDisposedException)
        {
            // The child is gone, and that is the end we waited for.
        }
    }

    private void EndLine()
    {
        if (_length > 0)
        {
            _lengths[_count % keep] = _length;
            if (FfmpegDamage.IsTold(Row(_count)[.._length]))
            {
                Volatile.Write(ref _complaints, _complaints + 1);
            }

            _count++;
            _length = 0;
        }
    }

    private string Text(long line, int length) =>
        SafeUri.Scrub(Encoding.UTF8.GetString(Row(line)[..length]), isCut: length == MaxLine);

    private Span<byte> Row(long line) => _bytes.AsSpan((int)(line % keep) * MaxLine, MaxLine);
}
