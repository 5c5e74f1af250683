using System.Text;
using ActionStream.Core.Configuration;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>The last lines a child wrote to standard error: bounded, however much it writes, and without credentials.</summary>
internal sealed class StderrTail(int keep = 50)
{
    private const int MaxLine = 400;

    private readonly Lock _lock = new();
    private readonly byte[] _bytes = new byte[(keep + 1) * MaxLine]; // the line that is being read has a row of its own
    private readonly int[] _lengths = new int[keep + 1];
    private long _count;
    private long _complaints;
    private int _length;
    private int _packets;
    private int _formats;
    private long _formatChangedAt = long.MinValue;

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

    /// <summary>Lines of <see cref="FirstPackets"/>, which are kept from the rest.</summary>
    public int Packets => Volatile.Read(ref _packets);

    /// <summary>When frames began to come in another size or pixel format; null before they did. Read for every frame.</summary>
    public TimeSpan? FormatChangedAt => Volatile.Read(ref _formatChangedAt) is > long.MinValue and var at ? new(at) : null;

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
                    lines.Add(Text(line, _lengths[line % _lengths.Length]));
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
            var line = Row(_count)[.._length];
            if (IsOurs(line))
            {
                _length = 0;
                return;
            }

            _lengths[_count % _lengths.Length] = _length;
            if (FfmpegDamage.IsTold(line))
            {
                Volatile.Write(ref _complaints, _complaints + 1);
            }

            _count++;
            _length = 0;
        }
    }

    // What we had ffmpeg say, and no complaint.
    private bool IsOurs(ReadOnlySpan<byte> line)
    {
        if (FormatChange.IsTold(line, out var at))
        {
            if (at is { } first && _formats++ > 0)
            {
                Volatile.Write(ref _formatChangedAt, first.Ticks);
            }

            return true;
        }

        var isPacket = FirstPackets.IsPacket(line);
        Volatile.Write(ref _packets, _packets + (isPacket ? 1 : 0));
        return isPacket || FirstPackets.IsHeader(line);
    }

    private string Text(long line, int length) =>
        SafeUri.Scrub(Encoding.UTF8.GetString(Row(line)[..length]), isCut: length == MaxLine);

    private Span<byte> Row(long line) => _bytes.AsSpan((int)(line % _lengths.Length) * MaxLine, MaxLine);
}
