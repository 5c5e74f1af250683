namespace ActionStream.Ingest.Packets.Pictures;

/// <summary>Looks into the packets of one stream, in decoding order; remembers the stream's parameter sets.</summary>
public interface IPictureReader
{
    /// <summary>Never throws, whatever the bytes are.</summary>
    /// <param name="packet">One coded picture, with start codes or with lengths, as the stream's header says.</param>
    /// <returns>False if it cannot be told what the picture is: then the camera must stay awake.</returns>
    bool TryRead(ReadOnlySpan<byte> packet, out Picture picture);
}
