using System.Runtime.CompilerServices;
using ActionStream.Core.Media;
using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Sources;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Ingest.Sources;

public sealed class PacedSourceTests : IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly PixelPool _pool = new();

    public void Dispose()
    {
        Assert.Equal(0, _pool.InUse);
        _pool.Dispose();
    }

    [Fact]
    public async Task A_segment_at_once_comes_out_as_it_plays()
    {
        var arrivals = await ArrivalsAsync([.. Enumerable.Range(0, 32).Select(i => (At: 0.0, Presentation: i * 0.125))]);
        Assert.All(arrivals.Zip(arrivals.Skip(1)), pair => Assert.Equal(0.125 / PacketPace.Speed, pair.Second - pair.First, 0.02));
    }

    [Fact]
    public async Task One_segment_late_moves_all_after_it_and_none_is_late_again()
    {
        // 4 s segments that come 4 s apart, the first only as it ends; the second one second late.
        var sent = from segment in Enumerable.Range(0, 6)
                   from frame in Enumerable.Range(0, 32)
                   select (At: 4.0 * segment + (segment == 1 ? 1 : 0), Presentation: 4.0 * segment + 0.125 * frame);
        var arrivals = await ArrivalsAsync([.. sent]);
        var distances = arrivals.Zip(arrivals.Skip(1), (a, b) => b - a).ToList();

        Assert.Single(distances, distance => distance > 0.5);
        Assert.True(distances.Skip(40).Max() < 0.2, $"{distances.Skip(40).Max()}");
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    public async Task Another_time_is_not_waited_for(double jump)
    {
        var arrivals = await ArrivalsAsync([(0, 7200), (0, 7200 + jump), (0, 7200.125 + jump)]);
        Assert.Equal([0, 0], arrivals.Take(2));
        Assert.Equal(0.125 / PacketPace.Speed, arrivals[2], 0.02);
    }

    private async Task<List<double>> ArrivalsAsync((double At, double Presentation)[] sent)
    {
        var arrivals = new List<double>();
        var start = _clock.GetTimestamp();
        var source = new ScriptedSource((epoch, cancel) => Send(sent, start, epoch, cancel));
        var reading = Task.Run(async () =>
        {
            await foreach (var frame in new PacedSource(source, _clock).ReadAsync(0, default))
            {
                arrivals.Add(_clock.GetElapsedTime(start, frame.Time.ArrivedAt).TotalSeconds);
                frame.Dispose();
            }
        });
        while (!reading.IsCompleted)
        {
            if (_clock.Timers > 0)
            {
                _clock.Advance(TimeSpan.FromMilliseconds(5));
            }
            else
            {
                await Task.Yield();
            }
        }

        await reading;
        return arrivals;
    }

    private async IAsyncEnumerable<Frame> Send(
        (double At, double Presentation)[] sent, long start, int epoch, [EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var (at, presentation) in sent)
        {
            var wait = TimeSpan.FromSeconds(at) - _clock.GetElapsedTime(start);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, _clock, cancel);
            }

            yield return ScriptedSource.Frame(_pool, epoch, TimeSpan.FromSeconds(presentation), _clock.GetTimestamp());
        }
    }
}
