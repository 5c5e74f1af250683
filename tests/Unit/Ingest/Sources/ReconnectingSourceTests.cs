using ActionStream.Core.Media;
using ActionStream.Core.Retrying;
using ActionStream.Ingest;
using ActionStream.Ingest.Sources;
using ActionStream.Unit.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.Unit.Ingest.Sources;

public sealed class ReconnectingSourceTests : IConnectionObserver, IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly PixelPool _pool = new();
    private readonly List<SourceFault?> _lost = [];
    private readonly TaskCompletionSource _switchedOff = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Every_connection_is_an_epoch_of_its_own()
    {
        var source = new ScriptedSource((epoch, cancel) => ScriptedSource.Frames(
            _pool, epoch, 2, epoch == 0 ? new SourceException(SourceFault.Disconnected, "gone") : null, cancel: cancel));

        var epochs = await TakeAsync(source, endsByItself: false, most: 6);

        Assert.Equal([0, 0, 1, 1, 2, 2], epochs);
        Assert.Equal([SourceFault.Disconnected, null], _lost);
    }

    [Fact]
    public async Task A_second_life_counts_its_connections_on()
    {
        var source = new ScriptedSource((epoch, cancel) => ScriptedSource.Frames(_pool, epoch, 1, null, cancel: cancel));

        Assert.Equal([7, 8, 9], await TakeAsync(source, endsByItself: false, most: 3, firstEpoch: 7));
    }

    [Fact]
    public async Task A_source_played_once_ends_and_its_fault_is_thrown()
    {
        var good = new ScriptedSource((epoch, cancel) => ScriptedSource.Frames(_pool, epoch, 3, null, cancel: cancel));
        var bad = new ScriptedSource((epoch, cancel) => ScriptedSource.Frames(
            _pool, epoch, 3, new SourceException(SourceFault.Broken, "no"), cancel: cancel));

        Assert.Equal([0, 0, 0], await TakeAsync(good, endsByItself: true, most: 100));
        await Assert.ThrowsAsync<SourceException>(() => TakeAsync(bad, endsByItself: true, most: 100));
        Assert.Single(good.Epochs);
        Assert.Single(bad.Epochs);
    }

    [Fact]
    public async Task A_wrong_password_is_tried_again_but_slowly()
    {
        var triedAt = new List<DateTimeOffset>();
        var source = new ScriptedSource((epoch, cancel) =>
        {
            triedAt.Add(_clock.GetUtcNow());
            return ScriptedSource.Frames(
                _pool, epoch, epoch == 2 ? 1 : 0, new SourceException(SourceFault.Unauthorized, "401"), cancel: cancel);
        });

        await TakeAsync(source, endsByItself: false, most: 1);

        Assert.All(triedAt.Zip(triedAt.Skip(1)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromSeconds(60)));
        Assert.Equal(3, triedAt.Count);
    }

    [Fact]
    public async Task A_fault_of_our_own_is_not_hidden_as_a_lost_connection()
    {
        var source = new ScriptedSource((_, _) => throw new InvalidOperationException("a bug"));

        await Assert.ThrowsAsync<InvalidOperationException>(() => TakeAsync(source, endsByItself: false, most: 1));
    }

    [Fact]
    public async Task A_camera_that_is_switched_off_is_let_go_and_another_connection_is_made_when_it_is_on_again()
    {
        using var power = new CameraSwitch();
        var source = new ScriptedSource((epoch, cancel) => ScriptedSource.Frames(_pool, epoch, 1, null, isSilent: true, cancel: cancel));
        var lasting = new ReconnectingSource(
            source, new Backoff(), false, this, _clock, new Random(1), NullLogger<ReconnectingSource>.Instance, power);
        await using var reading = lasting.ReadAsync("cam", default).GetAsyncEnumerator();
        Assert.True(await reading.MoveNextAsync());
        reading.Current.Dispose();

        var next = reading.MoveNextAsync().AsTask();
        power.Set(false);
        await _switchedOff.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.False(next.IsCompleted);
        Assert.Equal([0], source.Epochs);

        power.Set(true);
        Assert.True(await next.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal((1, true), (reading.Current.Time.Epoch, _lost.Count == 0));
        reading.Current.Dispose();
    }

    void IConnectionObserver.Connecting(int epoch)
    {
    }

    void IConnectionObserver.Lost(int epoch, SourceFault? fault) => _lost.Add(fault);

    void IConnectionObserver.SwitchedOff() => _switchedOff.TrySetResult();

    public void Dispose() => _pool.Dispose();

    private async Task<List<int>> TakeAsync(ScriptedSource source, bool endsByItself, int most, int firstEpoch = 0)
    {
        var lasting = new ReconnectingSource(
            source, new Backoff(), endsByItself, this, _clock, new Random(1), NullLogger<ReconnectingSource>.Instance,
            firstEpoch: firstEpoch);
        var epochs = new List<int>();
        await using var reading = lasting.ReadAsync("cam", default).GetAsyncEnumerator();
        while (epochs.Count < most)
        {
            var next = reading.MoveNextAsync().AsTask();
            while (!next.IsCompleted)
            {
                _clock.Advance(TimeSpan.FromSeconds(1));
                await Task.Yield();
            }

            if (!await next)
            {
                break;
            }

            epochs.Add(reading.Current.Time.Epoch);
            reading.Current.Dispose();
        }

        return epochs;
    }
}
