using System.Runtime.CompilerServices;
using ActionStream.Core.Media;
using ActionStream.Ingest.Sources;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Ingest.Sources;

public sealed class StallGuardTests : IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly PixelPool _pool = new();

    public void Dispose() => _pool.Dispose();

    [Theory]
    [InlineData(0, 10, SourceFault.Timeout)]
    [InlineData(2, 5, SourceFault.Stalled)]
    public async Task Silence_is_given_up_exactly_when_patience_ends(int frames, int seconds, SourceFault expected)
    {
        var guard = Guard(new((epoch, cancel) => ScriptedSource.Frames(_pool, epoch, frames, null, isSilent: true, cancel)));
        await using var reading = guard.ReadAsync(0, default).GetAsyncEnumerator();
        for (var i = 0; i < frames; i++)
        {
            Assert.True(await reading.MoveNextAsync());
            reading.Current.Dispose();
        }

        var next = reading.MoveNextAsync().AsTask();
        _clock.Advance(TimeSpan.FromSeconds(seconds - 0.001));
        Assert.False(next.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(0.001));

        Assert.Equal(expected, (await Assert.ThrowsAsync<SourceException>(() => next)).Fault);
    }

    [Fact]
    public async Task A_slow_reader_is_not_a_silent_camera()
    {
        var guard = Guard(new((epoch, cancel) => ScriptedSource.Frames(_pool, epoch, 5, null, cancel: cancel)));
        var count = 0;
        await foreach (var frame in guard.ReadAsync(0, default))
        {
            frame.Dispose();
            count++;
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(5, count);
    }

    [Fact]
    public async Task A_camera_that_sends_but_no_key_frame_is_waited_for_and_told()
    {
        var told = 0;
        var source = new ScriptedSource((epoch, cancel) => ScriptedSource.Frames(_pool, epoch, 0, null, isSilent: true, cancel))
        {
            HasPackets = true,
        };
        var guard = new StallGuard(source, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5), _clock) { LacksKeyFrame = () => told++ };
        await using var reading = guard.ReadAsync(0, default).GetAsyncEnumerator();
        var next = reading.MoveNextAsync().AsTask();
        _clock.Advance(TimeSpan.FromSeconds(9.999));
        Assert.Equal(0, told);
        _clock.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal((1, false), (told, next.IsCompleted));
        _clock.Advance(TimeSpan.FromSeconds(0.001));

        var fault = await Assert.ThrowsAsync<SourceException>(() => next);
        Assert.Equal(SourceFault.NoKeyFrame, fault.Fault);
        Assert.Equal(
            "packets arrive, no key frame for 60 s; lower the camera's key-frame interval (I-frame interval, GOV) to 1 or 2 s",
            fault.Message);
    }

    [Fact]
    public async Task A_key_frame_is_waited_for_as_long_as_packets_come_and_no_longer()
    {
        var source = new ScriptedSource((epoch, cancel) => ScriptedSource.Frames(_pool, epoch, 0, null, isSilent: true, cancel))
        {
            HasPackets = true,
        };
        await using var reading = Guard(source).ReadAsync(0, default).GetAsyncEnumerator();
        var next = reading.MoveNextAsync().AsTask();
        for (var second = 1; second <= 30; second++)
        {
            source.Packets++;
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.False(next.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(5)); // since the look at 30 s, none
        var fault = await Assert.ThrowsAsync<SourceException>(() => next);
        Assert.Equal((SourceFault.Timeout, "no packet for 5 s, and no key frame among those before"), (fault.Fault, fault.Message));
    }

    [Fact]
    public async Task A_key_frame_that_never_comes_among_many_packets_is_given_up_after_a_minute()
    {
        var source = new ScriptedSource((epoch, cancel) => ScriptedSource.Frames(_pool, epoch, 0, null, isSilent: true, cancel))
        {
            HasPackets = true,
        };
        await using var reading = Guard(source).ReadAsync(0, default).GetAsyncEnumerator();
        var next = reading.MoveNextAsync().AsTask();
        for (var second = 1; second <= 60; second++)
        {
            Assert.False(next.IsCompleted, $"after {second} s");
            source.Packets++;
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(SourceFault.NoKeyFrame, (await Assert.ThrowsAsync<SourceException>(() => next)).Fault);
    }

    [Fact]
    public async Task A_camera_that_sends_while_nobody_wants_frames_of_it_is_not_silent_and_one_that_stops_is()
    {
        var source = new ScriptedSource((epoch, cancel) => ScriptedSource.Frames(_pool, epoch, 1, null, isSilent: true, cancel));
        await using var reading = Guard(source).ReadAsync(0, default).GetAsyncEnumerator();
        Assert.True(await reading.MoveNextAsync());
        reading.Current.Dispose();
        var next = reading.MoveNextAsync().AsTask();
        for (var i = 0; i < 100; i++)
        {
            source.Packets++; // asleep: a packet now and then, and no frame
            _clock.Advance(TimeSpan.FromSeconds(4.9));
            Assert.False(next.IsCompleted);
        }

        _clock.Advance(TimeSpan.FromSeconds(5)); // what came last came after the last look
        _clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(SourceFault.Stalled, (await Assert.ThrowsAsync<SourceException>(() => next)).Fault);
    }

    [Fact]
    public async Task Before_the_first_frame_packets_alone_do_not_do()
    {
        var source = new ScriptedSource((epoch, cancel) => ScriptedSource.Frames(_pool, epoch, 0, null, isSilent: true, cancel));
        await using var reading = Guard(source).ReadAsync(0, default).GetAsyncEnumerator();
        var next = reading.MoveNextAsync().AsTask();
        source.Packets = 100;
        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(SourceFault.Timeout, (await Assert.ThrowsAsync<SourceException>(() => next)).Fault);
    }

    [Theory]
    [InlineData(false, null, 5)]
    [InlineData(true, 1, 5)]
    [InlineData(true, 8, 24)]
    [InlineData(true, 30, 90)]
    [InlineData(true, null, 30)] // nobody says how long they are
    public async Task A_playlist_may_be_silent_for_three_of_its_segments(bool isSegmented, int? segment, int seconds)
    {
        var source = new ScriptedSource((epoch, cancel) => ScriptedSource.Frames(_pool, epoch, 1, null, isSilent: true, cancel));
        TimeSpan? length = segment is { } known ? TimeSpan.FromSeconds(known) : null;
        var guard = new StallGuard(source, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5), _clock)
        {
            SegmentLength = isSegmented ? _ => Task.FromResult(length) : null,
        };
        await using var reading = guard.ReadAsync(0, default).GetAsyncEnumerator();
        Assert.True(await reading.MoveNextAsync());
        reading.Current.Dispose();
        var next = reading.MoveNextAsync().AsTask();
        _clock.Advance(TimeSpan.FromSeconds(seconds - 0.001));
        Assert.False(next.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(0.001));
        Assert.Equal(SourceFault.Stalled, (await Assert.ThrowsAsync<SourceException>(() => next)).Fault);
    }

    [Theory]
    [InlineData(false)] // and its reader still works on it
    [InlineData(true)] // and the next one is waited for
    public async Task A_timer_that_goes_off_as_a_frame_comes_is_of_a_wait_that_is_over(bool isWaitedFor)
    {
        var (clock, third) = (new LateTimers(_clock), new TaskCompletionSource());
        var guard = new StallGuard(
            new ScriptedSource((epoch, cancel) => Frames(epoch, third.Task, cancel)), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5), clock);
        await using var reading = guard.ReadAsync(0, default).GetAsyncEnumerator();
        for (var i = 0; i < 2; i++)
        {
            Assert.True(await reading.MoveNextAsync());
            reading.Current.Dispose();
            _clock.Advance(TimeSpan.FromSeconds(5));
        }

        if (!isWaitedFor)
        {
            clock.GoOff();
        }

        var next = reading.MoveNextAsync().AsTask();
        if (isWaitedFor)
        {
            clock.GoOff();
        }

        third.SetResult();
        Assert.True(await next);
        reading.Current.Dispose();
        next = reading.MoveNextAsync().AsTask();
        _clock.Advance(TimeSpan.FromSeconds(5));
        clock.GoOff(); // and now it is meant

        Assert.Equal(SourceFault.Stalled, (await Assert.ThrowsAsync<SourceException>(() => next)).Fault);
    }

    private async IAsyncEnumerable<Frame> Frames(int epoch, Task third, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (var i = 0; i < 3; i++)
        {
            await (i == 2 ? third.WaitAsync(cancel) : Task.CompletedTask);
            cancel.ThrowIfCancellationRequested();
            yield return ScriptedSource.Frame(_pool, epoch, TimeSpan.FromMilliseconds(125 * i));
        }

        await Task.Delay(Timeout.Infinite, cancel);
    }

    /// <summary>A clock whose timer goes off when it is told, whatever it was changed to meanwhile: as a thread of the pool may have begun
    /// with it already.</summary>
    private sealed class LateTimers(FakeClock clock) : TimeProvider, ITimer
    {
        public Action GoOff { get; private set; } = () => { };

        public override long TimestampFrequency => clock.TimestampFrequency;

        public override long GetTimestamp() => clock.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            GoOff = () => callback(state);
            return this;
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private StallGuard Guard(ScriptedSource source) => new(source, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5), _clock);
}
