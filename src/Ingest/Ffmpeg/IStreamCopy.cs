namespace ActionStream.Ingest.Ffmpeg;

/// <summary>Wants a camera's stream as it comes, from the child that decodes it: cameras may allow one connection only.</summary>
public interface IStreamCopy
{
    /// <summary>Makes room for a connection; null if there is none, and the camera has to do without.</summary>
    IConnectionCopy? Begin(int epoch);
}
