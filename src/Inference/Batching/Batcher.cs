using ActionStream.Inference.Scheduling;

namespace ActionStream.Inference.Batching;

/// <summary>
/// Groups clips from many streams into batches for one worker, on its thread. Each worker has its own, over the same
/// schedule.
/// </summary>
/// <remarks>
/// A batch is chosen only when the session asks for one, so everything that arrived while it was busy rides along:
/// under load batches grow by themselves, and <see cref="BatchPolicy.MaxDelay"/> matters only while it is idle.
/// </remarks>
/// <param name="rules">As they are at present.</param>
internal sealed class Batcher(ClipSchedule schedule, IClipCosts model, Func<BatchPolicy> rules, TimeProvider time) : IDisposable
{
    private readonly Batch _batch = new(rules().MaxSize);
    private Task<bool>? _arrival;

    /// <summary>The next batch, or null at the end. It is the caller's until it is disposed, and the next call reuses it.</summary>
    public async ValueTask<Batch?> ReadAsync(CancellationToken cancel)
    {
        while (await Arrival(cancel))
        {
            await FillAsync(cancel);
            if (_batch.Count > 0) // else another worker was faster, or everything was too old to matter
            {
                return _batch;
            }
        }

        return null;
    }

    public void Dispose() => Return();

    private async ValueTask FillAsync(CancellationToken cancel)
    {
        try
        {
            var policy = rules();
            Gather(policy);
            while (_batch.Count < policy.MaxSize && schedule.Ready == 0 // else what is left was left on purpose
                && policy.Patience(_batch.Count, WaitedLongest()) is { Ticks: > 0 } patience && await ArrivesWithin(patience, cancel))
            {
                Gather(policy);
            }

            cancel.ThrowIfCancellationRequested();
        }
        catch
        {
            Return();
            throw;
        }
    }

    private void Gather(BatchPolicy policy)
    {
        var limit = Limit(policy);
        while (_batch.Count < limit && schedule.TryTake(_batch.Work, out var clip, out var number, out var deadline))
        {
            _batch.Add(clip, number, model.WorkOf(clip), deadline, time.GetTimestamp());
            limit = Math.Min(limit, Limit(policy));
        }
    }

    private int Limit(BatchPolicy policy)
    {
        if (policy.MaxSize == 1)
        {
            return 1;
        }

        var slack = _batch.Deadline == long.MaxValue ? TimeSpan.MaxValue : time.GetElapsedTime(time.GetTimestamp(), _batch.Deadline);
        return policy.SizeFor(Math.Max(1, _batch.Count + schedule.Ready), model.Costs.PerClip, slack);
    }

    private void Return()
    {
        for (var i = 0; i < _batch.Count; i++)
        {
            schedule.Release(_batch.NumberOf(i));
        }

        _batch.Dispose();
    }

    private async ValueTask<bool> ArrivesWithin(TimeSpan patience, CancellationToken cancel)
    {
        Task arrival = _arrival ??= schedule.WaitToTakeAsync(cancel).AsTask();
        await arrival.WaitAsync(patience, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return arrival.IsCompleted && await Arrival(cancel);
    }

    // A wait that timed out is kept and resumed: a second one would leave the first behind in the schedule.
    private async ValueTask<bool> Arrival(CancellationToken cancel)
    {
        var arrival = _arrival;
        _arrival = null;
        return arrival is null ? schedule.WaitToTake(cancel) : await arrival; // the worker's thread is its own
    }

    private TimeSpan WaitedLongest() => _batch.Count == 0 ? TimeSpan.Zero : time.GetElapsedTime(_batch.Clips[0].Time.ReadyAt);
}
