using ActionStream.Core.Media;

namespace ActionStream.Ingest.Sources;

/// <summary>Somewhere frames come from.</summary>
public interface IFrameSource
{
    /// <summary>
    /// Connects and yields frames until the stream ends (returns) or breaks (throws
    /// <see cref="SourceException"/>). One call is one connection; retrying is someone else's job.
    /// Whoever takes a frame owns it.
    /// </summary>
    IAsyncEnumerable<Frame> ReadAsync(int epoch, CancellationToken cancel);

    /// <summary>True once the connection that is being opened has sent something, though no frame came of it yet.</summary>
    bool HasPackets => false;

    /// <summary>Packets that the connection has brought so far, of which some may never become
    /// frames; 0 where nobody counts them.</summary>
    long Packets => 0;
}
