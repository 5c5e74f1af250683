using System.Diagnostics.Metrics;
using ActionStream.Core.Media;
using ActionStream.Core.Stages;

namespace ActionStream.Unit.Support;

/// <summary>The names of the four things that every stage reports, with their tags.</summary>
/// <param name="Dropped">Of <see cref="StageRig.OfferBadAsync"/>.</param>
internal sealed record StageMetrics(string Items, string Dropped, string Duration, string QueueLength);

/// <summary>One stage with all that it needs around it, so that <see cref="StageCompliance"/> can treat every stage alike.</summary>
internal abstract class StageRig : IAsyncDisposable
{
    protected StageRig() => Counts = new(Meter);

    public abstract IStage Stage { get; }

    public abstract StageMetrics Metrics { get; }

    /// <summary>Where the memory of all frames comes from.</summary>
    public abstract PixelPool Pool { get; }

    public MeterCounts Counts { get; }

    protected Meter Meter { get; } = new("actionstream");

    /// <summary>Puts that many good ones before the stage.</summary>
    public abstract Task OfferAsync(int count);

    /// <summary>One that the stage drops for a reason of its own.</summary>
    public abstract Task OfferBadAsync();

    public abstract void EndInput();

    /// <summary>
    /// Completes when the stage is stuck half-way: it has taken some, given out less, and cannot go on until <see
    /// cref="Unblock"/>. Only in a rig that blocks.
    /// </summary>
    public abstract Task BlockedAsync();

    public virtual void Unblock()
    {
    }

    /// <summary>Completes once those behind know that no more will come; null where that is somebody else's to say.</summary>
    public abstract Task? OutputEnded(bool isStopped);

    /// <summary>What came in and what became of it, once all queues are gone. Equal, or something was lost in silence.</summary>
    public abstract (long In, long Out) Balance();

    /// <summary>The queues before and behind, and whatever else the stage's owner would dispose.</summary>
    public abstract Task CloseAsync();

    public virtual ValueTask DisposeAsync()
    {
        Counts.Dispose();
        Meter.Dispose();
        Pool.Dispose();
        return ValueTask.CompletedTask;
    }

    protected static async Task Until(Func<bool> isTrue)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!isTrue())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, limit.Token);
        }
    }
}
