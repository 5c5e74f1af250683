using ActionStream.Ingest.Packets;

namespace ActionStream.Ingest.Decoding;

/// <summary>A packet that is the decoder's next.</summary>
/// <param name="Packet">To be disposed by whoever writes it.</param>
/// <param name="At">Its time in the decoder, which never runs back.</param>
/// <param name="IsBreak">What was decoded before it is not what comes before it in the stream.</param>
/// <param name="IsAlone">What comes after it in the stream is not decoded.</param>
internal readonly record struct NextPacket(Packet Packet, TimeSpan At, bool IsBreak, bool IsAlone);
