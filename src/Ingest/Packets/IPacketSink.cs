namespace ActionStream.Ingest.Packets;

/// <summary>Takes the packets of one connection, on the packet reader's thread, and never holds it up. Disposing tells that no more will
/// come.</summary>
public interface IPacketSink : IDisposable
{
    /// <summary>Before the first packet.</summary>
    void Begin(CodedStream stream);

    /// <param name="packet">The caller's; to be shared if it is kept.</param>
    void Add(Packet packet);
}
