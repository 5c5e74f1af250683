using ActionStream.Core.Stages;

namespace ActionStream.Unit.Support;

/// <summary>What <see cref="IStage"/> promises, as checks that any stage can be put through.</summary>
internal static class StageCompliance
{
    private const int Some = 6;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static async Task EndsWithItsInputAsync(StageRig rig)
    {
        await rig.OfferAsync(Some);
        rig.EndInput();
        await Task.Run(() => rig.Stage.RunAsync(CancellationToken.None)).WaitAsync(Limit);

        if (rig.OutputEnded(isStopped: false) is { } ended)
        {
            await ended.WaitAsync(Limit);
        }

        await rig.CloseAsync();
        Assert.Equal(0, rig.Pool.InUse);
    }

    public static async Task ReportsTheFourAsync(StageRig rig)
    {
        await rig.OfferAsync(Some);
        rig.EndInput();
        await Task.Run(() => rig.Stage.RunAsync(CancellationToken.None)).WaitAsync(Limit);

        Assert.Equal(Some, rig.Counts[rig.Metrics.Items]);
        Assert.Equal(Some, rig.Counts[rig.Metrics.Duration]);
        Assert.Equal(0, rig.Counts[rig.Metrics.Dropped]); // shown before it happens
        Assert.True(rig.Counts[rig.Metrics.QueueLength] >= 0);
        await rig.CloseAsync();
    }

    public static async Task CountsWhatItDropsAsync(StageRig rig)
    {
        await rig.OfferAsync(1);
        await rig.OfferBadAsync();
        rig.EndInput();
        await Task.Run(() => rig.Stage.RunAsync(CancellationToken.None)).WaitAsync(Limit);

        Assert.Equal(1, rig.Counts[rig.Metrics.Dropped]);
        await rig.CloseAsync();
        Assert.Equal(0, rig.Pool.InUse);
    }

    /// <param name="rig">One that blocks.</param>
    public static async Task LeavesNothingBehindWhenStoppedAsync(StageRig rig)
    {
        using var stop = new CancellationTokenSource();
        await rig.OfferAsync(Some);
        var running = Task.Run(() => rig.Stage.RunAsync(stop.Token), CancellationToken.None);
        await rig.BlockedAsync();
        Assert.NotEqual(0, rig.Pool.InUse);
        await stop.CancelAsync();
        rig.Unblock();
        await running.WaitAsync(Limit).ContinueWith(
            ended => Assert.True(ended.Status is TaskStatus.RanToCompletion or TaskStatus.Canceled, $"{ended.Exception}"),
            TaskScheduler.Default);

        await rig.CloseAsync();
        if (rig.OutputEnded(isStopped: true) is { } told)
        {
            await told.WaitAsync(Limit);
        }

        Assert.Equal(0, rig.Pool.InUse);
        var (offered, accounted) = rig.Balance();
        Assert.Equal(offered, accounted);
    }
}
