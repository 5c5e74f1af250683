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

    private StallGuard Guard(ScriptedSource source) => new(source, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5), _clock);
}
