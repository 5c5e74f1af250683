using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using ActionStream.Core.Configuration;
using ActionStream.EndToEnd.Support;
using ActionStream.Publish.Mqtt.Client;

namespace ActionStream.EndToEnd.Contracts.Publish;

/// <summary>What every MQTT client behind the seam must do, shown on a real mosquitto.</summary>
public sealed class MqttClientTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private static MqttMessage Message(string topic, string payload, int qos = 1, bool retain = false) =>
        new(topic, Encoding.UTF8.GetBytes(payload), qos, retain);

    private static string Text(MqttMessage message) => Encoding.UTF8.GetString(message.Payload.Span);

    private static async Task<(IMqttClient Client, ChannelReader<MqttMessage> SubscriptionRegistry)> ConnectAsync(
        MqttOptions options, string id, string? subscribe = null, MqttMessage? will = null)
    {
        var client = new MqttNetClient();
        var inbox = Channel.CreateBounded<MqttMessage>(1000);
        client.Received += message => inbox.Writer.TryWrite(message);
        await client.ConnectAsync(options, id, will, default);
        if (subscribe is not null)
        {
            await client.SubscribeAsync(subscribe, 1, default);
        }

        return (client, inbox.Reader);
    }

    private static async Task<MqttMessage> Next(ChannelReader<MqttMessage> inbox) => await inbox.ReadAsync().AsTask().WaitAsync(Limit);

    [NeedsFact("mosquitto")]
    public Task Messages_at_qos_0_arrive_in_order() => ArriveInOrder(qos: 0);

    [NeedsFact("mosquitto")]
    public Task Messages_at_qos_1_are_done_when_the_broker_has_them_and_arrive_in_order() => ArriveInOrder(qos: 1);

    private static async Task ArriveInOrder(int qos)
    {
        await using var broker = await new RealBroker().StartAsync();
        var (reader, inbox) = await ConnectAsync(broker.Options, "reader", "t/#");
        var (writer, _) = await ConnectAsync(broker.Options, "writer");
        await using (reader)
        await using (writer)
        {
            var sent = Enumerable.Range(0, 200).Select(i => writer.PublishAsync(Message("t/a", $"{i}", qos), default)).ToArray();
            await Task.WhenAll(sent).WaitAsync(Limit);
            for (var i = 0; i < sent.Length; i++)
            {
                Assert.Equal($"{i}", Text(await Next(inbox)));
            }
        }
    }

    [NeedsFact("mosquitto")]
    public async Task A_retained_message_greets_who_comes_later()
    {
        await using var broker = await new RealBroker().StartAsync();
        var (writer, _) = await ConnectAsync(broker.Options, "writer");
        await using (writer)
        {
            await writer.PublishAsync(Message("s/a", "ON", retain: true), default);
            var (reader, inbox) = await ConnectAsync(broker.Options, "reader", "s/#");
            await using (reader)
            {
                var greeting = await Next(inbox);
                Assert.Equal(("s/a", "ON", true), (greeting.Topic, Text(greeting), greeting.Retain));
            }
        }
    }

    [NeedsFact("mosquitto")]
    public async Task The_will_is_published_when_we_vanish_and_not_when_we_say_goodbye()
    {
        await using var broker = await new RealBroker().StartAsync();
        var (reader, inbox) = await ConnectAsync(broker.Options, "reader", "w/#");
        await using (reader)
        {
            var (polite, _) = await ConnectAsync(broker.Options, "polite", will: Message("w/polite", "offline"));
            await polite.DisconnectAsync(default);
            Assert.Null(await polite.Ended.WaitAsync(Limit));
            await polite.DisposeAsync();

            var (sudden, _) = await ConnectAsync(broker.Options, "sudden", will: Message("w/sudden", "offline", retain: true));
            await sudden.DisposeAsync();
            Assert.NotNull(await sudden.Ended.WaitAsync(Limit));

            Assert.Equal(("w/sudden", "offline"), await Next(inbox) is var will ? (will.Topic, Text(will)) : default);
        }
    }

    [NeedsFact("mosquitto", "mosquitto_passwd")]
    public async Task A_wrong_password_is_called_that_and_not_shown()
    {
        await using var broker = await RealBroker.WithUser("edge", "right").StartAsync();
        var options = broker.Options with { Username = "edge", Password = new Secret("hunter2-wrong") };
        var (client, _) = await ConnectAsync(options with { Password = new Secret("right") }, "good");
        await client.DisposeAsync();

        var refused = await Assert.ThrowsAsync<MqttException>(() => ConnectAsync(options, "bad"));
        Assert.Equal(MqttFault.Auth, refused.Fault);
        Assert.DoesNotContain("hunter2", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_refused()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)probe.LocalEndPoint!).Port;
        var refused = await Assert.ThrowsAsync<MqttException>(
            () => ConnectAsync(new() { Host = "127.0.0.1", Port = port }, "a").WaitAsync(Limit));
        Assert.Equal(MqttFault.Refused, refused.Fault);
        Assert.Contains($"127.0.0.1:{port}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_does_not_resolve_is_called_that()
    {
        var unknown = await Assert.ThrowsAsync<MqttException>(() => ConnectAsync(new() { Host = "no-such-host.invalid" }, "a"));
        Assert.Equal(MqttFault.HostUnknown, unknown.Fault);
    }

    [Fact]
    public async Task A_broker_that_never_answers_times_out()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var options = new MqttOptions
        {
            Host = "127.0.0.1",
            Port = ((IPEndPoint)silent.LocalEndpoint).Port,
            ConnectTimeout = TimeSpan.FromMilliseconds(300),
        };
        var client = new MqttNetClient();
        var late = await Assert.ThrowsAsync<MqttException>(() => client.ConnectAsync(options, "a", null, default).WaitAsync(Limit));
        Assert.Equal(MqttFault.Timeout, late.Fault);
        await client.DisposeAsync().AsTask().WaitAsync(Limit);
    }

    [NeedsFact("mosquitto")]
    public async Task A_big_payload_arrives_whole()
    {
        await using var broker = await new RealBroker().StartAsync();
        var (client, inbox) = await ConnectAsync(broker.Options, "a", "big");
        await using (client)
        {
            var payload = new byte[1_000_000];
            new Random(1).NextBytes(payload);
            await client.PublishAsync(new("big", payload, 1, false), default).WaitAsync(Limit);
            Assert.True((await Next(inbox)).Payload.Span.SequenceEqual(payload));
        }
    }

    [NeedsFact("mosquitto")]
    public async Task A_lost_broker_ends_the_connection_fails_what_was_under_way_and_a_new_client_reconnects()
    {
        await using var broker = await new RealBroker().StartAsync();
        var (client, _) = await ConnectAsync(broker.Options, "a");
        await using (client)
        {
            broker.Kill();
            Assert.Equal(MqttFault.Lost, (await client.Ended.WaitAsync(Limit))!.Fault);
            await Assert.ThrowsAsync<MqttException>(() => client.PublishAsync(Message("t", "x"), default).WaitAsync(Limit));
        }

        await broker.StartAsync();
        var (again, inbox) = await ConnectAsync(broker.Options, "a", "t");
        await using (again)
        {
            await again.PublishAsync(Message("t", "x"), default);
            Assert.Equal("x", Text(await Next(inbox)));
        }
    }

    [NeedsFact("mosquitto")]
    public async Task A_client_that_takes_our_id_ends_our_connection()
    {
        await using var broker = await new RealBroker().StartAsync();
        var (first, _) = await ConnectAsync(broker.Options, "same");
        var (second, _) = await ConnectAsync(broker.Options, "same");
        await using (first)
        await using (second)
        {
            Assert.True((await first.Ended.WaitAsync(Limit))!.Fault is MqttFault.Lost or MqttFault.TakenOver);
            Assert.False(second.Ended.IsCompleted);
        }
    }

    [NeedsFact("mosquitto")]
    public async Task Over_tls_both_sides_prove_who_they_are()
    {
        await using var broker = await new RealBroker(tls: true).StartAsync();
        var (client, inbox) = await ConnectAsync(broker.TlsOptions, "a", "t");
        await using (client)
        {
            await client.PublishAsync(Message("t", "secret"), default);
            Assert.Equal("secret", Text(await Next(inbox)));
        }
    }

    [NeedsFact("mosquitto")]
    public async Task A_broker_whose_certificate_is_not_trusted_or_not_for_its_name_is_refused()
    {
        await using var broker = await new RealBroker(tls: true).StartAsync();
        await using var other = new RealBroker(tls: true);
        var stranger = broker.TlsOptions with { Tls = broker.TlsOptions.Tls with { CaFile = other.Ca } };
        Assert.Equal(MqttFault.TlsUntrusted, (await Assert.ThrowsAsync<MqttException>(() => ConnectAsync(stranger, "a"))).Fault);

        var misnamed = broker.TlsOptions with { Host = "localhost" };
        Assert.Equal(MqttFault.TlsWrongName, (await Assert.ThrowsAsync<MqttException>(() => ConnectAsync(misnamed, "a"))).Fault);
    }

    [NeedsFact("mosquitto")]
    public async Task The_providers_own_broker_serves_on_a_free_port_and_is_gone_when_disposed()
    {
        MqttOptions options;
        await using (var broker = await EmbeddedBroker.StartAsync(default))
        {
            options = new() { Host = EmbeddedBroker.Host, Port = broker.Port };
            var (client, inbox) = await ConnectAsync(options, "a", "t/+");
            await using (client)
            {
                await client.PublishAsync(Message("t/1", "x"), default);
                Assert.Equal("t/1", (await Next(inbox)).Topic);
            }
        }

        await Assert.ThrowsAsync<MqttException>(() => ConnectAsync(options, "a").WaitAsync(Limit));
    }
}
