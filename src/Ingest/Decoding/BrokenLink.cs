using System.Buffers.Binary;
using ActionStream.Ingest.Packets;

namespace ActionStream.Ingest.Decoding;

/// <summary>Tells a decoder, in the picture itself, that what it has decoded is not what comes before that picture in the stream.</summary>
/// <remarks>Only H.265 needs to be told. A clean start there may be a CRA picture, which goes on counting from the pictures before it, so
/// that its successors would find wrong references among what was decoded seconds away. As a BLA picture it is the same to the bit and
/// begins a count of its own (ITU-T H.265, 3.13, 8.1.3, 8.3.1). An end of sequence in front of it would do so too, but drops what the
/// decoder still holds. An IDR picture of H.264 or H.265 begins a count of its own anyway.</remarks>
internal sealed class BrokenLink
{
    private const int Cra = 21;
    private const int Bla = 16; // BLA_W_LP

    private readonly bool _isNeeded;
    private readonly int _lengthBytes;

    public BrokenLink(CodedStream stream)
    {
        // hvcC begins with its version, 1; parameter sets with start codes begin with 0.
        var extra = stream.ExtraData.Span;
        (_isNeeded, _lengthBytes) = (stream.Codec == VideoCodec.H265, extra.Length >= 23 && extra[0] == 1 ? (extra[21] & 3) + 1 : 0);
    }

    /// <summary>False where the picture is told apart by itself.</summary>
    public bool IsNeeded(ReadOnlySpan<byte> picture)
    {
        var at = 0;
        return _isNeeded && Next(picture, ref at) >= 0;
    }

    /// <summary>Marks every slice of the picture.</summary>
    public void Mark(Span<byte> picture)
    {
        var at = 0;
        while (Next(picture, ref at) is >= 0 and var slice)
        {
            picture[slice] = (byte)((picture[slice] & 0x81) | (Bla << 1));
        }
    }

    // The first byte of the next slice of a CRA picture, or -1; moves on behind it.
    private int Next(ReadOnlySpan<byte> picture, ref int at)
    {
        int nal;
        do
        {
            nal = NextUnit(picture, ref at);
        }
        while (nal >= 0 && ((picture[nal] >> 1) & 0x3F) != Cra);

        return nal;
    }

    // The first byte of the next NAL unit, or -1; moves on behind it.
    private int NextUnit(ReadOnlySpan<byte> picture, ref int at)
    {
        if (_lengthBytes == 0)
        {
            var code = at < picture.Length ? picture[at..].IndexOf((ReadOnlySpan<byte>)[0, 0, 1]) : -1;
            at += code + 3;
            return code >= 0 && at < picture.Length ? at : -1;
        }

        if (picture.Length - at <= _lengthBytes)
        {
            return -1;
        }

        Span<byte> length = stackalloc byte[sizeof(uint)];
        length.Clear();
        picture.Slice(at, _lengthBytes).CopyTo(length[(sizeof(uint) - _lengthBytes)..]);
        var nal = at + _lengthBytes;
        at = (int)Math.Min(picture.Length, nal + (long)BinaryPrimitives.ReadUInt32BigEndian(length));
        return nal;
    }
}
