using ActionStream.Ingest.Ffmpeg;

namespace ActionStream.Ingest.Probing;

/// <summary>For a look at a source that nobody counts.</summary>
internal sealed class Uncounted : IFrameCounter
{
    public void DroppedFull()
    {
    }

    public void DroppedCorrupt()
    {
    }

    public void StderrLines(long count)
    {
    }
}
