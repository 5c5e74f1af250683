using System.Runtime.CompilerServices;
using ActionStream.Core.Media;

namespace ActionStream.Ingest.Sources;

/// <summary>Lets only a few cameras open at a time: when a switch comes back, all of them want to, and opening costs more than running.</summary>
public sealed class ConnectLimiter(int width = 4) : IDisposable
{
    private readonly SemaphoreSlim _places = new(width, width);

    /// <summary>A place; leave it by disposing, any number of times.</summary>
    public async ValueTask<IDisposable> EnterAsync(CancellationToken cancel)
    {
        await _places.WaitAsync(cancel);
        return new Place(_places);
    }

    public void Dispose() => _places.Dispose();

    private sealed class Place(SemaphoreSlim places) : IDisposable
    {
        private SemaphoreSlim? _places = places;

        public void Dispose() => Interlocked.Exchange(ref _places, null)?.Release();
    }
}

/// <summary>Waits for a place before it connects, and leaves it with the first frame. Outside the <see cref="StallGuard"/>: waiting in line is not the camera's silence.</summary>
public sealed class ConnectLimitedSource(IFrameSource source, ConnectLimiter gate) : IFrameSource
{
    public async IAsyncEnumerable<Frame> ReadAsync(int epoch, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var place = await gate.EnterAsync(cancel);
        await foreach (var frame in source.ReadAsync(epoch, cancel))
        {
            place.Dispose();
            yield return frame;
        }
    }
}
