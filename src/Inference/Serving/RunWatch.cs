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
    private readonly Run[] _runs = new Run[workers];
    private readonly LivedTime _lived = new(Every, time);
    private readonly TaskCompletionSource<ModelHungException> _hung = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _abandoned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TimeSpan _patience = TimeSpan.MaxValue;
    private TimeSpan _lastLimit;
    private TimeSpan _grace = Grace;

    /// <summary>Completes when a run has passed its limit.</summary>
    public Task<ModelHungException> Hung => _hung.Task;

    /// <summary>Completes when a run has not even ended when it was asked to: who waits for its thread waits in vain.</summary>
    public Task Abandoned => _abandoned.Task;

    public async Task RunAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (true)
        {
            while (!_hung.Task.IsCompleted && !IsOutOfPatience() && await timer.WaitForNextTickAsync(cancel))
            {
                Look();
            }

            // The one who asked to leave may wait for the worker, so this goes on whatever it says.
            terminate();
            var waited = TimeSpan.Zero;
            while (waited < _grace && Latest() is not null && await timer.WaitForNextTickAsync(CancellationToken.None))
            {
                waited += Look();
            }

            if (Latest() is { } stuck)
            {
                _hung.TrySetResult(new(stuck.Age, limit: null, device()));
                _abandoned.TrySetResult();
            }

            if (_hung.Task.IsCompleted)
            {
                return;
            }
        }
    }

    /// <summary>Somebody else has waited for the device in vain.</summary>
    public void Declare(ModelHungException hung) => _hung.TrySetResult(hung);

    /// <summary>All is to end: a run that is under way for all of <paramref name="patience"/> is late then, whatever its limit is. Those
    /// that follow each other in that time are not.</summary>
    /// <param name="grace">How long it may then take to end.</param>
    public void Hurry(TimeSpan patience, TimeSpan grace)
    {
        lock (_lock)
        {
            (_patience, _lastLimit) = patience < _patience ? (patience, patience) : (_patience, _lastLimit);
            _grace = grace < _grace ? grace : _grace;
        }
    }

    /// <summary>A worker begins a run.</summary>
    /// <param name="expected">What it should cost.</param>
    internal void Begin(int worker, TimeSpan expected)
    {
        lock (_lock)
        {
            _runs[worker] = new() { IsUnderWay = true, StartedAt = time.GetTimestamp(), Limit = RunLimit.For(expected, wanted) };
        }
    }

    /// <summary>It has returned, with an answer or without.</summary>
    internal void End(int worker)
    {
        lock (_lock)
        {
            _runs[worker] = default;
        }
    }

    /// <summary>Makes every run older by what was lived since the last look. One that is late twice in a row hangs.</summary>
    /// <returns>What was lived.</returns>
    internal TimeSpan Look()
    {
        lock (_lock)
        {
            var lived = _lived.Look();
            _patience = _patience == TimeSpan.MaxValue ? _patience : _patience - lived;
            foreach (ref var run in _runs.AsSpan())
            {
                var elapsed = run.IsUnderWay ? time.GetElapsedTime(run.StartedAt) : TimeSpan.Zero;
                run.Age += elapsed < lived ? elapsed : lived;
                run.Lates = run.IsUnderWay && run.Age > run.Limit ? run.Lates + 1 : 0;
                if (run.Lates > 1)
                {
                    _hung.TrySetResult(new(run.Age, run.Limit, device()));
                }
            }

            return lived;
        }
    }

    private bool IsOutOfPatience()
    {
        lock (_lock)
        {
            return _patience <= TimeSpan.Zero && Latest() is not null;
        }
    }

    // The first of those that are late.
    private Run? Latest()
    {
        lock (_lock)
        {
            foreach (var run in _runs)
            {
                if (run.IsUnderWay && (run.Age > run.Limit || (_patience <= TimeSpan.Zero && run.Age >= _lastLimit)))
                {
                    return run;
                }
            }

            return null;
        }
    }

    private struct Run
    {
        public bool IsUnderWay;
        public long StartedAt;
        public TimeSpan Limit;
        public TimeSpan Age;
        public int Lates;
    }
}
