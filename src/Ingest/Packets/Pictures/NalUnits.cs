using System.Buffers.Binary;

namespace ActionStream.Ingest.Packets.Pictures;

/// <summary>Goes through the units of a packet of H.264 or H.265, whichever way they are set apart: by start codes (cameras, MPEG-TS)
/// or by lengths in front of them (mp4, Matroska, FLV).</summary>
/// <param name="lengthSize">Bytes of a length; 0: start codes.</param>
internal ref struct NalUnits(ReadOnlySpan<byte> packet, int lengthSize)
{
    private ReadOnlySpan<byte> _rest = packet;
    private bool _isInside;

    /// <summary>The unit, never empty. With start codes it is followed by the rest of the packet: its end is looked for only if the
    /// next one is asked for, and a <see cref="BitReader"/> stops there by itself.</summary>
    public ReadOnlySpan<byte> Current { get; private set; }

    /// <summary>The packet isn't a chain of units.</summary>
    public bool HasFailed { get; private set; }

    public bool MoveNext() => !HasFailed && (lengthSize == 0 ? MoveToStartCode() : MoveByLength());

    /// <summary>True if nothing of the packet is missing: all lengths add up. Start codes cannot tell.</summary>
    public bool ReachEnd()
    {
        while (lengthSize > 0 && MoveNext())
        {
        }

        return !HasFailed;
    }

    private bool MoveToStartCode()
    {
        var at = _rest.IndexOf(StartCode);
        if (!_isInside && (at < 0 || _rest[..at].ContainsAnyExcept((byte)0)))
        {
            HasFailed = true;
            return false;
        }

        if (at < 0)
        {
            return false;
        }

        _isInside = true;
        return Take(Current = _rest = _rest[(at + StartCode.Length)..]);
    }

    private bool MoveByLength()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var length = _rest.Length < lengthSize
            ? uint.MaxValue
            : lengthSize switch
            {
                1 => _rest[0],
                2 => BinaryPrimitives.ReadUInt16BigEndian(_rest),
                _ => BinaryPrimitives.ReadUInt32BigEndian(_rest),
            };
        if (length > _rest.Length - lengthSize)
        {
            HasFailed = true;
            return false;
        }

        Current = _rest.Slice(lengthSize, (int)length);
        _rest = _rest[(lengthSize + (int)length)..];
        return Take(Current);
    }

    private bool Take(ReadOnlySpan<byte> unit)
    {
        HasFailed = unit.IsEmpty;
        return !HasFailed;
    }

    private static ReadOnlySpan<byte> StartCode => [0, 0, 1];
}
