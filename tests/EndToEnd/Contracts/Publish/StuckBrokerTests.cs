using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using ActionStream.EndToEnd.Support;
using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Messages;
using ActionStream.Publish.Mqtt.Sending;
using ActionStream.Unit.Support;

namespace ActionStream.EndToEnd.Contracts.Publish;

/// <summary>Brokers and neighbours that hold a link up: who publishes waits for neither.</summary>
public sealed class StuckBrokerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_broker_that_reads_no_more_counts_as_lost_and_posting_never_waits_for_it()
    {
        using var listening = new TcpListener(IPAddress.Loopback, 0);
        listening.Start();
        var accepted = Channel.CreateUnbounded<Socket>();
        using var end = new CancellationTokenSource();
        var accepting = AcceptAsync(listening, accepted.Writer, end.Token);
        using var meter = new Meter("stuck");
        var log = new LogLines<MqttLink>();
        var options = new MqttOptions
        {
            Host = "127.0.0.1",
            Port = ((IPEndPoint)listening.LocalEndpoint).Port,
            PublishTimeout = TimeSpan.FromMilliseconds(500),
            RetryCeiling = TimeSpan.FromSeconds(1),
        };
        using var link = new MqttLink(options, "edge", meter, TimeProvider.System, new Random(1), log);
        var running = link.RunAsync(end.Token);
        using var first = await accepted.Reader.ReadAsync().AsTask().WaitAsync(Limit);
        var started = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < 40; i++)
        {
            link.Outbox.PostRetained(MessageKind.Snapshot, $"p/{i}/snapshot", new byte[1_000_000]);
            link.Outbox.PostEvent("p/front/events", Encoding.UTF8.GetBytes($"{i}"), default);
        }

        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 0, 2);
        using var second = await accepted.Reader.ReadAsync().AsTask().WaitAsync(Limit); // it gave up and tries again
        Assert.Contains(log.Lines.Select(line => line.Text), line => line.Contains("no acknowledgement within 0.5 s", StringComparison.Ordinal));
        Assert.Equal(0, link.Meter.DroppedEvents);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(Limit));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => accepting.WaitAsync(Limit));
    }

    [NeedsFact("mosquitto")]
    public async Task Two_instances_with_one_client_id_at_a_broker_that_does_not_say_so_learn_what_it_may_be()
    {
        await using var broker = await new RealBroker().StartAsync();
        var said = await ThrowEachOtherOutAsync(broker.Options);
        Assert.Contains(said, line => line.Contains("does not say why. It may be: another client with the client id same", StringComparison.Ordinal));
        Assert.DoesNotContain(said, line => line.Contains("Another client uses", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_instances_with_one_client_id_at_a_broker_that_says_so_are_told()
    {
        await using var broker = await EmbeddedBroker.StartAsync(default);
        var said = await ThrowEachOtherOutAsync(new() { Host = EmbeddedBroker.Host, Port = broker.Port, Protocol = "5" });
        Assert.Contains(said, line => line.Contains("Another client uses the client id same", StringComparison.Ordinal));
    }

    private static async Task<string[]> ThrowEachOtherOutAsync(MqttOptions broker)
    {
        var options = broker with { ClientId = "same", RetryCeiling = TimeSpan.FromSeconds(1) };
        using var meter = new Meter("same");
        var (log, otherLog) = (new LogLines<MqttLink>(), new LogLines<MqttLink>());
        using var link = new MqttLink(options, "edge1", meter, TimeProvider.System, new Random(1), log);
        using var other = new MqttLink(options, "edge2", meter, TimeProvider.System, new Random(2), otherLog);
        using var end = new CancellationTokenSource();
        var running = Task.WhenAll(link.RunAsync(end.Token), other.RunAsync(end.Token));
        using var limit = new CancellationTokenSource(3 * Limit);
        string[] said;
        do
        {
            await Task.Delay(50, limit.Token);
            said = [.. log.Lines.Select(line => line.Text), .. otherLog.Lines.Select(line => line.Text)];
        }
        while (!Array.Exists(said, line => line.Contains("Staying away", StringComparison.Ordinal)));
        await end.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return said;
    }

    // Answers to CONNECT and reads nothing after it, so that its window closes.
    private static async Task AcceptAsync(TcpListener listening, ChannelWriter<Socket> accepted, CancellationToken end)
    {
        while (true)
        {
            var socket = await listening.AcceptSocketAsync(end);
            socket.ReceiveBufferSize = 4096;
            await socket.ReceiveAsync(new byte[1024], end);
            await socket.SendAsync((byte[])[0x20, 2, 0, 0], end);
            accepted.TryWrite(socket);
        }
    }
}
