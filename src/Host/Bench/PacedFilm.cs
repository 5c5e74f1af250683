using System.Runtime.CompilerServices;
using ActionStream.Core.Media;
using ActionStream.Ingest;

namespace ActionStream.Host.Bench;

/// <summary>A camera without a decoder: hands out prepared pictures at an even pace, each at its own place on the time grid.</summary>
/// <param name="phase">How much later than the others it begins: real cameras do not tick together.</param>
internal sealed class PacedFilm(NoiseFilm film, TimeSpan interval, TimeSpan phase, TimeProvider time) : IFrameSource
{
    public async IAsyncEnumerable<Frame> ReadAsync(int epoch, [EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.Delay(phase, time, cancel);
        var began = time.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(Math.Max(1, interval.TotalMilliseconds)), time);
        for (var index = 0L; await timer.WaitForNextTickAsync(cancel);)
        {
            // Timers tick in whole milliseconds and may be late: as many pictures as are due by now.
            for (var due = (long)(time.GetElapsedTime(began) / interval); index <= due; index++)
            {
                yield return new Frame(new FrameTime(epoch, index * interval, time.GetTimestamp()), film.Size, film.Share(index));
            }
        }
    }
}
