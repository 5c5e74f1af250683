namespace ActionStream.Ingest.Sources;

/// <summary>Who may open first. In this order.</summary>
public enum OpeningRank
{
    /// <summary>It was well until just now, or is there again.</summary>
    Healthy,

    /// <summary>Not tried yet.</summary>
    New,

    /// <summary>The last tries came to nothing.</summary>
    Dead,
}

/// <summary>Lets only a few cameras open at a time: when a switch comes back, all of them want to, and
/// opening costs more than running.</summary>
/// <remarks>
/// The dead have a share of their own within the width, so that hundreds of them hold up nobody. Opening is what costs;
/// waiting for a key frame, or for an answer that never comes, costs nothing: a turn ends after <see cref="Longest"/>
/// at the latest. Thread-safe; each camera waits once at most.
/// </remarks>
/// <param name="width">Cameras that open at a time.</param>
/// <param name="deadWidth">Dead ones among them.</param>
public sealed class ConnectLimiter(TimeProvider time, int width = 4, int deadWidth = 1)
{
    /// <summary>An ffmpeg that has started and asked the camera for its stream has done what is worth limiting.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Queue<TaskCompletionSource<IDisposable>>[] _waiting = [new(), new(), new()];
    private int _open;
    private int _openDead;

    /// <summary>By which turns end.</summary>
    public TimeProvider Time { get; } = time;

    /// <summary>A turn; end it by disposing, any number of times.</summary>
    public async ValueTask<IDisposable> EnterAsync(OpeningRank rank, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var waiter = new TaskCompletionSource<IDisposable>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waiting[(int)rank].Enqueue(waiter);
            Admit();
        }

        await using var _ = cancel.Register(() => waiter.TrySetCanceled(cancel));
        return await waiter.Task;
    }

    // Called within the lock.
    private void Admit()
    {
        foreach (var rank in Enum.GetValues<OpeningRank>())
        {
            while (HasRoom(rank) && _waiting[(int)rank].TryDequeue(out var next))
            {
                var turn = Open(rank);
                if (!next.TrySetResult(turn))
                {
                    turn.Dispose(); // has left meanwhile
                }
            }
        }
    }

    private bool HasRoom(OpeningRank rank) => _open < width && (rank != OpeningRank.Dead || _openDead < deadWidth);

    private Turn Open(OpeningRank rank)
    {
        _open++;
        _openDead += rank == OpeningRank.Dead ? 1 : 0;
        return new(this, rank);
    }

    private void Close(OpeningRank rank)
    {
        lock (_lock)
        {
            _open--;
            _openDead -= rank == OpeningRank.Dead ? 1 : 0;
            Admit();
        }
    }

    private sealed class Turn : IDisposable
    {
        private readonly OpeningRank _rank;
        private readonly ITimer _timer;
        private ConnectLimiter? _limiter;

        public Turn(ConnectLimiter limiter, OpeningRank rank)
        {
            (_limiter, _rank) = (limiter, rank);
            // Armed when it is ours: on a busy machine it may fire before the next line.
            _timer = limiter.Time.CreateTimer(
                turn => ((Turn)turn!).Dispose(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(Longest, Timeout.InfiniteTimeSpan);
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _limiter, null) is { } limiter)
            {
                _timer.Dispose();
                limiter.Close(_rank);
            }
        }
    }
}
