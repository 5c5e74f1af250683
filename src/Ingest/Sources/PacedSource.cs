using System.Runtime.CompilerServices;
using ActionStream.Core.Media;
using ActionStream.Ingest.Packets;

namespace ActionStream.Ingest.Sources;

/// <summary>Gives frames that come some seconds at a time one by one, as far apart as they are in the stream.</summary>
/// <remarks>
/// A frame is held until its time; the source waits meanwhile, so that what is held lies with whoever sends it. One that is
/// late moves all after it: what was late once will be again, as segments are. A little faster than it plays, so that what is
/// held grows less until the newest segment is reached, and a clock that runs slow never falls behind.
/// </remarks>
public sealed class PacedSource(IFrameSource source, TimeProvider time) : IFrameSource
{
    /// <inheritdoc />
    public bool HasPackets => source.HasPackets;

    /// <inheritdoc />
    public long Packets => source.Packets;

    public async IAsyncEnumerable<Frame> ReadAsync(int epoch, [EnumeratorCancellation] CancellationToken cancel)
    {
        var pace = new PacketPace(time);
        await foreach (var frame in source.ReadAsync(epoch, cancel))
        {
            try
            {
                if (pace.WaitFor(frame.Time.Presentation) is { Ticks: > 0 } wait)
                {
                    await Task.Delay(wait, time, cancel);
                }
            }
            catch
            {
                frame.Dispose();
                throw;
            }

            yield return frame.ArrivingAt(time.GetTimestamp());
        }
    }
}
