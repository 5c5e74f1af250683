namespace ActionStream.Ingest.Packets;

/// <summary>Wants a camera's packets as they come.</summary>
public interface IPacketKeeper
{
    /// <summary>Makes room for a connection; null if there is none, and the camera has to do without.</summary>
    IPacketSink? Begin(int epoch);

    /// <summary>This camera's packets can never be had.</summary>
    /// <param name="reason">For its owner.</param>
    void Refuse(string reason);
}
