using System.Runtime.CompilerServices;
using ActionStream.Core.Media;
using ActionStream.Ingest;
using ActionStream.Ingest.Sources;

namespace ActionStream.Bench.Engine;

/// <summary>
/// A camera without a decoder, on a thread "synthetic camera": hands out prepared frames at an even pace, each at its own
/// place on the time grid.
/// </summary>
/// <remarks>
/// A thread of its own sleeps from frame to frame, as the one that reads a real camera's ffmpeg does. Timers of all
/// cameras would share their wake-ups, so that many cameras seemed cheaper, and one dearer, than they are.
/// </remarks>
/// <param name="origin">Time stamp that all cameras share.</param>
/// <param name="period">From one decision to the next.</param>
/// <param name="phase">Where in the period its decisions fall due: real cameras do not tick together. Kept whenever it is opened.</param>
internal sealed class SyntheticCamera(
    NoiseVideo recording, TimeSpan interval, long origin, TimeSpan period, TimeSpan phase, TimeProvider time)
    : IFrameSource
{
    private const int Handover = 4;

    public async IAsyncEnumerable<Frame> ReadAsync(int epoch, [EnumeratorCancellation] CancellationToken cancel)
    {
        var frames = new FrameHandover(Handover, dropsOldest: false, () => { });
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var leave = new ManualResetEventSlim(false, spinCount: 0);
        await using var left = cancel.Register(Leave);
        new Thread(Play, maxStackSize: 256 * 1024) { IsBackground = true, Name = "synthetic camera" }.Start();
        try
        {
            await foreach (var frame in frames.Reader.ReadAllAsync(CancellationToken.None))
            {
                yield return frame;
            }
        }
        finally
        {
            Leave();
            await done.Task;
            frames.Clear();
        }

        cancel.ThrowIfCancellationRequested();

        void Leave()
        {
            frames.Complete();
            leave.Set();
        }

        void Play()
        {
            var now = time.GetElapsedTime(origin);
            var start = phase + Math.Ceiling((now - phase) / period) * period;
            for (var index = 0L; !leave.IsSet; index++)
            {
                // A wait is whole milliseconds, so what is left is asked anew for each frame: it would drift from the grid.
                if (start + (index * interval) - time.GetElapsedTime(origin) is { TotalMilliseconds: >= 1 } ahead
                    && leave.Wait(ahead, CancellationToken.None))
                {
                    break;
                }

                if (!frames.Write(
                    new Frame(new FrameTime(epoch, index * interval, time.GetTimestamp()), recording.Size, recording.Share(index))))
                {
                    break;
                }
            }

            done.SetResult();
        }
    }
}
