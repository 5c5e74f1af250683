using System.Globalization;
using System.Runtime.CompilerServices;
using ActionStream.Core.Media;

namespace ActionStream.Ingest.Sources;

/// <summary>
/// Gives up on a connection that is open but silent. Cameras do that more often than they hang up.
/// </summary>
/// <param name="connect">How long the first frame may take.</param>
/// <param name="patience">How long any later one may take.</param>
public sealed class StallGuard(
    IFrameSource source, TimeSpan connect, TimeSpan patience, TimeProvider time) : IFrameSource
{
    /// <summary>With the patience that a camera's settings ask for.</summary>
    /// <param name="interval">Sampling interval: a source that is thinned to one frame in ten seconds is not silent after five.</param>
    public static StallGuard For(
        IFrameSource source, SourceOptions options, TimeSpan interval, TimeProvider time)
    {
        var patience = options.StallTimeout > 3 * interval ? options.StallTimeout : 3 * interval;
        return new(source, options.ConnectTimeout > patience ? options.ConnectTimeout : patience, patience, time);
    }

    public async IAsyncEnumerable<Frame> ReadAsync(int epoch, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var silence = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, silence.Token);

        await using var frames = source.ReadAsync(epoch, either.Token).GetAsyncEnumerator(either.Token);
        for (var isFirst = true; ; isFirst = false)
        {
            silence.CancelAfter(isFirst ? connect : patience);
            try
            {
                if (!await frames.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (OperationCanceledException) when (silence.IsCancellationRequested && !cancel.IsCancellationRequested)
            {
                throw isFirst
                    ? new SourceException(SourceFault.Timeout, $"no frame within {Seconds(connect)} s of connecting")
                    : new SourceException(SourceFault.Stalled, $"no frame for {Seconds(patience)} s on an open connection");
            }

            silence.CancelAfter(Timeout.InfiniteTimeSpan); // a slow reader is not a silent camera
            yield return frames.Current;
        }
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture);
}
