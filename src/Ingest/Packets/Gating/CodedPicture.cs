using ActionStream.Ingest.Packets.Pictures;

namespace ActionStream.Ingest.Packets.Gating;

/// <summary>What the gate is told of one packet, in decoding order.</summary>
/// <param name="Presentation">Place in the stream.</param>
/// <param name="Bytes">Length of the packet.</param>
/// <param name="IsKey">As the container says.</param>
/// <param name="Picture">As the packet says; null if it could not be read.</param>
public readonly record struct CodedPicture(TimeSpan Presentation, int Bytes, bool IsKey, Picture? Picture);
