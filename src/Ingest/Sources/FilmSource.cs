using System.Runtime.CompilerServices;
using ActionStream.Core.Media;

namespace ActionStream.Ingest.Sources;

/// <summary>Passes over a still that stands before the film of a recording: a video of one frame is left for the next one,
/// if there is a next.</summary>
/// <param name="open">The recording's n-th video.</param>
public sealed class FilmSource(Func<int, IFrameSource> open) : IFrameSource
{
    private const int Most = 8;

    private int _video;

    public async IAsyncEnumerable<Frame> ReadAsync(int epoch, [EnumeratorCancellation] CancellationToken cancel)
    {
        Frame? still = null;
        try
        {
            while (_video < Most)
            {
                await using var frames = open(_video).ReadAsync(epoch, cancel).GetAsyncEnumerator(cancel);
                if (!await NextAsync(frames, mayBeMissing: still is not null))
                {
                    break;
                }

                still?.Dispose();
                still = frames.Current;
                if (!await NextAsync(frames))
                {
                    _video++;
                    continue;
                }

                var first = still.Value;
                still = null;
                yield return first;
                do
                {
                    yield return frames.Current;
                }
                while (await NextAsync(frames));
                yield break;
            }

            _video = 0;
            if (still is { } all)
            {
                still = null;
                yield return all;
            }
        }
        finally
        {
            still?.Dispose();
        }
    }

    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<Frame> frames, bool mayBeMissing = false)
    {
        try
        {
            return await frames.MoveNextAsync();
        }
        catch (SourceException none) when (mayBeMissing && none.Fault == SourceFault.NoVideo)
        {
            return false;
        }
    }
}
