using System.Diagnostics.Metrics;
using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Host.Web.Live;
using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Sending;
using ActionStream.Publish.Snapshots;
using ActionStream.Unit.Publish.Mqtt;
using ActionStream.Unit.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.Unit.Host.Web.Live;

public sealed class SnapshotRequestsTests
{
    [Fact]
    public async Task Whoever_asks_gets_the_cameras_next_picture_on_the_broker_and_then_nobody_looks_any_more()
    {
        using var meter = new Meter("test");
        using var pool = new PixelPool();
        var broker = new FakeBroker();
        using var link = new MqttLink(
            new MqttOptions { Prefix = "p" }, "edge", meter, TimeProvider.System, new Random(1), new LogLines<MqttLink>(),
            broker.CreateClient);
        using var pictures = new EventSnapshots(
            new MediaOptions { Mqtt = true }, new ModelCard { Labels = ["fall"] }, link.Outbox, link.Topics, new SnapshotMeter(meter),
            TimeProvider.System, new LogLines<EventSnapshots>());
        using var encoder = new LiveEncoder(TimeProvider.System, new LiveMeter(meter), NullLogger.Instance);
        using var requests = new SnapshotRequests(encoder, pictures, NullLogger.Instance);
        var running = link.RunAsync(default);

        requests.Ask("front");
        var heard = broker.Heard();
        using (var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20)))
        {
            while (!heard.IsCompleted && await timer.WaitForNextTickAsync())
            {
                var size = new FrameSize(8, 8);
                using var frame = new Frame(new(0, default, TimeProvider.System.GetTimestamp()), size, pool.Rent(size.Bytes));
                encoder.OnFrame("front", frame);
            }
        }

        Assert.StartsWith("p/front/snapshot", await heard, StringComparison.Ordinal);
        Assert.False(encoder.Camera("front").IsWatched);
        link.Stop();
        await running.WaitAsync(TimeSpan.FromSeconds(10));
    }
}
