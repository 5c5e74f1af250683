namespace ActionStream.Ingest.Sources;

/// <summary>Lets only a few cameras open at a time: when a switch comes back, all of them want to, and
/// opening costs more than running.</summary>
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
