using System.Buffers.Text;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>Learns from a child when its frames begin to come in another size or pixel format: it builds its filters anew, and
/// their first frame then says so on standard error.</summary>
/// <remarks>Live only: lines are read beside the frames, and two runs over a recording would differ.</remarks>
internal static class FormatChange
{
    /// <summary>A filter that says the time of its first frame, and nothing else.</summary>
    public const string Filter = "metadata=add:key=first:value=1:enable='eq(n,0)',metadata=print:key=first:direct=1:file='pipe\\:2'";

    /// <summary>True for the filter's lines; the time where the line has it.</summary>
    public static bool IsTold(ReadOnlySpan<byte> line, out TimeSpan? at)
    {
        at = null;
        if (line.SequenceEqual("first=1"u8))
        {
            return true;
        }

        if (!line.StartsWith("frame:0 "u8) || line.IndexOf("pts_time:"u8) is not (>= 0 and var time))
        {
            return false;
        }

        at = Utf8Parser.TryParse(line[(time + "pts_time:".Length)..], out double seconds, out _) && Math.Abs(seconds) < 1e10
            ? TimeSpan.FromSeconds(seconds)
            : null;
        return true;
    }
}

/// <summary>Marks the first frame of another format.</summary>
internal sealed class FormatSpan
{
    private TimeSpan? _told;

    /// <param name="changedAt">When the format last changed, as far as is known; null before it ever did.</param>
    public bool Begins(TimeSpan presentation, TimeSpan? changedAt)
    {
        if (changedAt is not { } at || changedAt == _told || presentation < at)
        {
            return false;
        }

        _told = changedAt;
        return true;
    }
}
