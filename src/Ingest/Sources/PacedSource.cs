using System.Runtime.CompilerServices;
using ActionStream.Core.Media;

namespace ActionStream.Ingest.Sources;

/// <summary>Gives frames that come some seconds at a time one by one, as far apart as they are in the stream.</summary>
/// <remarks>
/// A frame is held until its time; the source waits meanwhile, so that what is held lies with whoever sends it. One that is
/// late moves all after it: what was late once will be again, as segments are. A little faster than it plays, so that what is
/// held grows less until the newest segment is reached, and a clock that runs slow never falls behind.
/// </remarks>
public sealed class PacedSource(IFrameSource source, TimeProvider time) : IFrameSource
{
    /// <summary>Stream time that passes in one of ours.</summary>
    public const double Speed = 1.01;

    /// <summary>A longer distance between two frames is another time, and not waited for.</summary>
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    public bool HasPackets => source.HasPackets;

    /// <inheritdoc />
    public long Packets => source.Packets;

    public async IAsyncEnumerable<Frame> ReadAsync(int epoch, [EnumeratorCancellation] CancellationToken cancel)
    {
        TimeSpan? last = null;
        var dueAt = 0L;
        await foreach (var frame in source.ReadAsync(epoch, cancel))
        {
            var step = frame.Time.Presentation - (last ?? frame.Time.Presentation);
            var now = time.GetTimestamp();
            last = frame.Time.Presentation;
            dueAt = step < TimeSpan.Zero || step > LongestHold
                ? now
                : Math.Max(now, dueAt + (long)(step.TotalSeconds / Speed * time.TimestampFrequency));
            try
            {
                if (dueAt > now)
                {
                    await Task.Delay(time.GetElapsedTime(now, dueAt), time, cancel);
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
