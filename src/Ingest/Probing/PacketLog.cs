using System.Globalization;

namespace ActionStream.Ingest.Probing;

/// <summary>One coded frame as it came.</summary>
/// <param name="ArrivedAt">Since the first one.</param>
public readonly record struct Packet(TimeSpan Decoding, TimeSpan Presentation, bool IsKey, int Bytes, TimeSpan ArrivedAt);

/// <summary>The coded frames of a source for some seconds, and what they tell: rates, key frames, order, drift. Reads
/// the lines of ffmpeg's `framecrc`.</summary>
public sealed class PacketLog
{
    private readonly List<Packet> _packets = [];
    private double _timeBase = 1;

    public IReadOnlyList<Packet> Packets => _packets;

    /// <summary>A source that may turn out to carry no times.</summary>
    public bool MayLackTimes { get; init; }

    /// <summary>True for one that carries none: what it says are counted frames, and arrival stands for it.</summary>
    public bool LacksTimes { get; set; }

    /// <summary>Takes a line; one that is no frame is passed over.</summary>
    /// <param name="arrivedAt">Since whatever moment, the same for all.</param>
    public void Add(string line, TimeSpan arrivedAt)
    {
        if (line.StartsWith("#tb 0:", StringComparison.Ordinal))
        {
            _timeBase = line["#tb 0:".Length..].Split('/') is [var over, var under]
                ? double.Parse(over, CultureInfo.InvariantCulture) / double.Parse(under, CultureInfo.InvariantCulture)
                : 1;
            LacksTimes = MayLackTimes && line["#tb 0:".Length..].Trim() is "1/25" or "1/1200000";
            return;
        }

        // stream, dts, pts, duration, size, checksum[, F=0x0 where it is no key frame]
        var fields = line.Split(',', StringSplitOptions.TrimEntries);
        if (fields.Length >= 6 && fields[0] == "0" && long.TryParse(fields[1], out var dts) && long.TryParse(fields[2], out var pts)
            && int.TryParse(fields[4], out var bytes))
        {
            var isKey = fields.FirstOrDefault(field => field.StartsWith("F=0x", StringComparison.Ordinal)) is not { } flags
                || (int.Parse(flags["F=0x".Length..], NumberStyles.HexNumber, CultureInfo.InvariantCulture) & 1) != 0;
            _packets.Add(LacksTimes
                ? new(arrivedAt, arrivedAt, isKey, bytes, arrivedAt)
                : new(Time(dts), Time(pts), isKey, bytes, arrivedAt));
        }
    }

    /// <summary>Takes a coded frame as the service reads it, which is without the time of its decoding.</summary>
    /// <param name="arrivedAt">Since whatever moment, the same for all.</param>
    public void Add(TimeSpan presentation, bool isKey, int bytes, TimeSpan arrivedAt) =>
        _packets.Add(new(presentation, presentation, isKey, bytes, arrivedAt));

    /// <summary>Stream time from the first frame to the last.</summary>
    public TimeSpan Span =>
        _packets.Count == 0 ? TimeSpan.Zero : _packets.Max(packet => packet.Presentation) - _packets.Min(packet => packet.Presentation);

    /// <summary>Frames a second by their own times; null with fewer than two.</summary>
    public double? Fps => Span > TimeSpan.Zero ? (_packets.Count - 1) / Span.TotalSeconds : null;

    public double? BitsPerSecond => Span > TimeSpan.Zero ? _packets.Skip(1).Sum(packet => 8.0 * packet.Bytes) / Span.TotalSeconds : null;

    /// <summary>Longest time between two key frames; null if fewer than two came.</summary>
    public TimeSpan? KeyFrameInterval
    {
        get
        {
            var keys = _packets.Where(packet => packet.IsKey).Select(packet => packet.Presentation).Order().ToArray();
            return keys.Length < 2 ? null : keys.Zip(keys.Skip(1), (a, b) => b - a).Max();
        }
    }

    /// <summary>True if frames come in another order than they are shown: each then waits for a later one.</summary>
    public bool IsReordered => _packets.Zip(_packets.Skip(1)).Any(pair => pair.Second.Presentation < pair.First.Presentation);

    /// <summary>How far the stream's clock fell behind ours while it was watched; negative if it runs fast.
    /// Null if it was too short to tell.</summary>
    /// <remarks>The fastest frame of the first and of the last third: what was held up on the way says nothing about clocks. The first
    /// second is the server's backlog.</remarks>
    public TimeSpan? Skew
    {
        get
        {
            var offsets = Steady().Select(packet => packet.ArrivedAt - packet.Decoding).ToArray();
            var third = offsets.Length / 3;
            return third < 10 ? null : offsets[^third..].Min() - offsets[..third].Min();
        }
    }

    /// <summary>Seconds that its clock loses in one of ours; negative where it gains. Null if it was watched too short to tell.</summary>
    public double? Drift
    {
        get
        {
            var steady = Steady().ToArray();
            return Skew is { } skew && steady[^1].ArrivedAt - steady[0].ArrivedAt is { Ticks: > 0 } span ? skew / (span * 2 / 3) : null;
        }
    }

    private IEnumerable<Packet> Steady() => _packets.Where(packet => packet.ArrivedAt >= _packets[0].ArrivedAt + TimeSpan.FromSeconds(1));

    private TimeSpan Time(long ticks) => TimeSpan.FromSeconds(ticks * _timeBase);
}
