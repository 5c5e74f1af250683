using System.Runtime.CompilerServices;
using ActionStream.Core.Media;
using ActionStream.Core.Retrying;
using ActionStream.Ingest;
using ActionStream.Ingest.Sources;
using ActionStream.Unit.Support;
using Microsoft.Extensions.Logging;

namespace ActionStream.Unit.Ingest.Sources;

public sealed class ReconnectingSourceTests : IConnectionObserver, IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly PixelPool _pool = new();
    private readonly LogLines<ReconnectingSource> _log = new();
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

    [Theory]
    [InlineData(SourceFault.Unauthorized)]
    [InlineData(SourceFault.TooLarge)]
    [InlineData(SourceFault.Memory)]
    public async Task What_no_quick_try_mends_is_tried_again_but_slowly(SourceFault fault)
    {
        var triedAt = new List<DateTimeOffset>();
        var source = new ScriptedSource((epoch, cancel) =>
        {
            triedAt.Add(_clock.GetUtcNow());
            return ScriptedSource.Frames(
                _pool, epoch, epoch == 2 ? 1 : 0, new SourceException(fault, "no"), cancel: cancel);
        });

        await TakeAsync(source, endsByItself: false, most: 1);

        Assert.All(triedAt.Zip(triedAt.Skip(1)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromSeconds(60)));
        Assert.Equal(3, triedAt.Count);
    }

    [Fact]
    public async Task An_error_of_our_own_ends_its_connection_by_name_even_of_a_source_played_once()
    {
        var source = new ScriptedSource((epoch, cancel) => epoch == 0
            ? throw new InvalidOperationException("a bug")
            : ScriptedSource.Frames(_pool, epoch, 1, null, cancel: cancel));

        Assert.Equal([1], await TakeAsync(source, endsByItself: true, most: 1));
        Assert.Equal([SourceFault.Internal], _lost);
    }

    [Fact]
    public async Task A_child_that_died_by_a_signal_is_replaced_even_for_a_source_played_once()
    {
        var source = new ScriptedSource((epoch, cancel) => ScriptedSource.Frames(
            _pool, epoch, 2, epoch < 2 ? new SourceException(SourceFault.Crashed, "killed") : null, cancel: cancel));

        Assert.Equal([0, 0, 1, 1, 2, 2], await TakeAsync(source, endsByItself: true, most: 100));
        Assert.Equal([SourceFault.Crashed, SourceFault.Crashed], _lost);
    }

    [Fact]
    public async Task A_camera_that_flaps_is_waited_for_longer_and_longer_and_one_that_lasted_is_not()
    {
        var (openedAt, closedAt) = (new List<DateTimeOffset>(), new List<DateTimeOffset>());

        async IAsyncEnumerable<Frame> UpAsync(int epoch, [EnumeratorCancellation] CancellationToken cancel)
        {
            openedAt.Add(_clock.GetUtcNow());
            yield return ScriptedSource.Frame(_pool, epoch, TimeSpan.Zero);
            await Task.Delay(TimeSpan.FromSeconds(epoch == 15 ? 40 : 10), _clock, cancel);
            closedAt.Add(_clock.GetUtcNow());
            throw new SourceException(SourceFault.Disconnected, "rebooting");
        }

        await TakeAsync(new ScriptedSource(UpAsync), endsByItself: false, most: 17);

        var waits = openedAt.Skip(1).Zip(closedAt, (opened, closed) => (opened - closed).TotalSeconds).ToList();
        Assert.All(waits.Take(4), wait => Assert.InRange(wait, 0, 4)); // it may be a reboot
        Assert.All(waits[8..15], wait => Assert.InRange(wait, 60, 125));
        Assert.InRange(waits[15], 0, 2);
        Assert.Single(_log.Lines.Take(8), line => line.Level == LogLevel.Warning);
    }

    [Fact]
    public async Task Why_a_child_died_is_in_the_log_with_its_last_lines()
    {
        var source = new ScriptedSource((epoch, cancel) => ScriptedSource.Frames(
            _pool, epoch, 1, new SourceException(SourceFault.Crashed, "ended by signal 11") { Lines = ["one", "two"] }, cancel: cancel));

        await TakeAsync(source, endsByItself: false, most: 2);

        Assert.Contains(
            (LogLevel.Warning, $"cam: ffmpeg's last lines before it crashed:{Environment.NewLine}one{Environment.NewLine}two"),
            _log.Lines.Select(line => (line.Level, line.Text.ReplaceLineEndings())));
        Assert.Contains(_log.Lines, line => line.Level == LogLevel.Warning && line.Text.Contains("signal 11", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Children_that_end_because_we_are_stopped_are_no_loss()
    {
        using var stop = new CancellationTokenSource();
        var source = new ScriptedSource((epoch, cancel) => ScriptedSource.Frames(
            _pool, epoch, 1, new SourceException(SourceFault.Crashed, "killed"), cancel: cancel));
        await using var reading = Lasting(source).ReadAsync("cam", stop.Token).GetAsyncEnumerator();
        Assert.True(await reading.MoveNextAsync());
        reading.Current.Dispose();

        var next = reading.MoveNextAsync().AsTask();
        _clock.Advance(TimeSpan.FromSeconds(0.2));
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        Assert.Empty(_lost);
    }

    [Fact]
    public async Task A_night_without_the_camera_is_a_few_lines_and_another_reason_is_one_more()
    {
        var faults = new List<SourceFault>();
        var source = new ScriptedSource((epoch, cancel) =>
        {
            faults.Add(_clock.GetUtcNow().Hour < 4 ? SourceFault.Refused : epoch % 2 == 0 ? SourceFault.Timeout : SourceFault.Refused);
            return ScriptedSource.Frames(_pool, epoch, 0, new SourceException(faults[^1], "no"), cancel: cancel);
        });
        using var stop = new CancellationTokenSource();
        await using var reading = Lasting(source).ReadAsync("cam", stop.Token).GetAsyncEnumerator();
        var next = reading.MoveNextAsync().AsTask();
        for (var i = 0; i < 8 * 3600; i++)
        {
            Assert.True(SpinWait.SpinUntil(() => _clock.Timers > 0, TimeSpan.FromSeconds(10)), "it waits for nothing");
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        var warned = _log.Lines.Where(line => line.Level >= LogLevel.Warning).ToList();
        Assert.InRange(warned.Count, 8, 16);
        Assert.InRange(faults.Count, 200, 600); // a minute or two between tries, and all of them at Debug
        Assert.Equal(faults.Count, _log.Lines.Count(line => line.Text.Contains("in a row", StringComparison.Ordinal)), 2.0);
    }

    [Fact]
    public async Task A_camera_that_is_switched_off_is_let_go_and_another_connection_is_made_when_it_is_on_again()
    {
        using var power = new CameraSwitch();
        var source = new ScriptedSource((epoch, cancel) => ScriptedSource.Frames(_pool, epoch, 1, null, isSilent: true, cancel: cancel));
        var lasting = new ReconnectingSource(
            source, new Backoff(), false, this, _clock, new Random(1), _log, power);
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

    private ReconnectingSource Lasting(ScriptedSource source, bool endsByItself = false, int firstEpoch = 0) => new(
        source, ReconnectingSource.CameraBackoff, endsByItself, this, _clock, new Random(1), _log, firstEpoch: firstEpoch);

    private async Task<List<int>> TakeAsync(ScriptedSource source, bool endsByItself, int most, int firstEpoch = 0)
    {
        var lasting = Lasting(source, endsByItself, firstEpoch);
        var epochs = new List<int>();
        await using var reading = lasting.ReadAsync("cam", default).GetAsyncEnumerator();
        while (epochs.Count < most)
        {
            var next = reading.MoveNextAsync().AsTask();
            while (!next.IsCompleted)
            {
                SpinWait.SpinUntil(() => next.IsCompleted || _clock.Timers > 0, TimeSpan.FromSeconds(10));
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
