namespace ActionStream.EndToEnd.Support;

/// <summary>A browser with the live page open: it takes the feed and all frames, and comes back when it is cut off.</summary>
internal sealed class LiveViewer : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly HttpClient _client;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _looking;
    private long _bytes;

    public LiveViewer(Uri service, IEnumerable<string> cameras)
    {
        _client = new() { BaseAddress = service, Timeout = Timeout.InfiniteTimeSpan };
        _looking = Task.WhenAll(TakeAsync("/live/feed"), TakeAsync($"/live/frames?cameras={string.Join(',', cameras)}"));
    }

    public long Bytes => Interlocked.Read(ref _bytes);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _looking;
        _client.Dispose();
        _end.Dispose();
    }

    private async Task TakeAsync(string path)
    {
        var buffer = new byte[64 * 1024];
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await using var stream = await _client.GetStreamAsync(new Uri(path, UriKind.Relative), _end.Token);
                while (await stream.ReadAsync(buffer, _end.Token) is > 0 and var read)
                {
                    Interlocked.Add(ref _bytes, read);
                }
            }
            catch (OperationCanceledException) when (_end.IsCancellationRequested)
            {
                return;
            }
            catch (Exception cut) when (cut is IOException or HttpRequestException)
            {
                await Task.Delay(Pause, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
