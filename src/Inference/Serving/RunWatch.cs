namespace ActionStream.Inference.Serving;

/// <summary>Watches every worker's run against its limit. A run that never returns first gets the request to end, which some
/// can follow; then its thread is given up.</summary>
/// <param name="wanted">The setting; zero to go by what runs cost.</param>
/// <param name="terminate">Asks runs that are under way to end.</param>
/// <param name="device">Where they run.</param>
public sealed class RunWatch(int workers, TimeSpan wanted, Action terminate, Func<string> device, TimeProvider time)
{
    /// <summary>How long a run may take to end after it was asked to.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(0.5);

    private readonly Lock _lock = new();
    private readonly Run?[] _runs = new Run?[workers];
    private readonly TaskCompletionSource<ModelHungException> _hung = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _abandoned = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when a run has passed its limit.</summary>
    public Task<ModelHungException> Hung => _hung.Task;

    /// <summary>Completes when a run has not even ended when it was asked to: who waits for its thread waits in vain.</summary>
    public Task Abandoned => _abandoned.Task;

    public async Task RunAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (!_hung.Task.IsCompleted && await timer.WaitForNextTickAsync(cancel))
        {
            Look();
        }

        // The one who asked to leave may wait for the worker, so this goes on whatever it says.
        terminate();
        var grace = time.GetTimestamp();
        while (time.GetElapsedTime(grace) < Grace && IsLate() && await timer.WaitForNextTickAsync(CancellationToken.None))
        {
        }

        if (IsLate())
        {
            _abandoned.TrySetResult();
        }
    }

    /// <summary>Somebody else has waited for the device in vain.</summary>
    public void Declare(ModelHungException hung) => _hung.TrySetResult(hung);

    /// <summary>A worker begins a run.</summary>
    /// <param name="expected">What it should cost.</param>
    internal void Begin(int worker, TimeSpan expected)
    {
        lock (_lock)
        {
            _runs[worker] = new(time.GetTimestamp(), RunLimit.For(expected, wanted));
        }
    }

    /// <summary>It has returned, with an answer or without.</summary>
    internal void End(int worker)
    {
        lock (_lock)
        {
            _runs[worker] = null;
        }
    }

    internal void Look()
    {
        if (Latest() is { } run)
        {
            _hung.TrySetResult(new(time.GetElapsedTime(run.StartedAt), run.Limit, device()));
        }
    }

    private bool IsLate() => Latest() is not null;

    private Run? Latest()
    {
        lock (_lock)
        {
            foreach (var run in _runs)
            {
                if (run is { } begun && time.GetElapsedTime(begun.StartedAt) > begun.Limit)
                {
                    return begun;
                }
            }

            return null;
        }
    }

    private readonly record struct Run(long StartedAt, TimeSpan Limit);
}
