using ActionStream.Core.Media;
using ActionStream.Ingest.Sources;

namespace ActionStream.Unit.Ingest.Sources;

public sealed class ConnectLimiterTests
{
    [Fact]
    public async Task Sixty_four_cameras_open_at_most_four_at_a_time_and_all_of_them_open()
    {
        using var gate = new ConnectLimiter();
        using var pool = new PixelPool();
        var (opening, most, opened) = (0, 0, 0);

        async IAsyncEnumerable<Frame> Open(int epoch)
        {
            most = Math.Max(most, Interlocked.Increment(ref opening));
            await Task.Yield();
            Interlocked.Decrement(ref opening);
            yield return ScriptedSource.Frame(pool, epoch, TimeSpan.Zero);
            Interlocked.Increment(ref opened);
        }

        await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () =>
        {
            await foreach (var frame in Limited(new ScriptedSource((epoch, _) => Open(epoch)), gate).ReadAsync(0, default))
            {
                frame.Dispose();
            }
        })));

        Assert.InRange(most, 1, 4);
        Assert.Equal(64, opened);
    }

    [Fact]
    public async Task A_camera_that_fails_to_open_leaves_its_place()
    {
        using var gate = new ConnectLimiter(width: 1);
        using var pool = new PixelPool();
        var broken = Limited(
            new ScriptedSource(
                (epoch, cancel) => ScriptedSource.Frames(pool, epoch, 0, new SourceException(SourceFault.Refused, "no"), cancel: cancel)),
            gate);

        for (var i = 0; i < 3; i++)
        {
            await using var frames = broken.ReadAsync(i, default).GetAsyncEnumerator();
            await Assert.ThrowsAsync<SourceException>(async () => await frames.MoveNextAsync());
        }
    }

    private static StallGuard Limited(IFrameSource source, ConnectLimiter limiter) =>
        new(source, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), TimeProvider.System, limiter);
}
