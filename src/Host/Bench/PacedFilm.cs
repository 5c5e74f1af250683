using System.Runtime.CompilerServices;
using ActionStream.Core.Media;
using ActionStream.Ingest;

namespace ActionStream.Host.Bench;

/// <summary>A camera without a decoder: hands out prepared pictures at an even pace, each at its own place on the time grid.</summary>
/// <param name="origin">Time stamp that all cameras share.</param>
/// <param name="period">From one decision to the next.</param>
/// <param name="phase">Where in the period its decisions fall due: real cameras do not tick together. Kept whenever it is opened.</param>
internal sealed class PacedFilm(NoiseFilm film, TimeSpan interval, long origin, TimeSpan period, TimeSpan phase, TimeProvider time) : IFrameSource
{
    public async IAsyncEnumerable<Frame> ReadAsync(int epoch, [EnumeratorCancellation] CancellationToken cancel)
    {
        var now = time.GetElapsedTime(origin);
        var start = phase + Math.Ceiling((now - phase) / period) * period;
        await Task.Delay(start - now, time, cancel);
        using var timer = new PeriodicTimer(Timeout.InfiniteTimeSpan, time);
        for (var index = 0L; ; index++)
        {
            // Set anew for each picture: a period is whole milliseconds, and would drift from the grid.
            if (start + (index * interval) - time.GetElapsedTime(origin) is { TotalMilliseconds: >= 1 } ahead)
            {
                timer.Period = ahead;
                await timer.WaitForNextTickAsync(cancel);
            }

            cancel.ThrowIfCancellationRequested();
            yield return new Frame(new FrameTime(epoch, index * interval, time.GetTimestamp()), film.Size, film.Share(index));
        }
    }
}
