using System.Net;
using MQTTnet.Server;

namespace ActionStream.Publish.Mqtt.Client;

/// <summary>A broker of our own on a free port of the loopback address, for the demo and for tests: MQTTnet's server.</summary>
public sealed class EmbeddedBroker : IAsyncDisposable
{
    private readonly MqttServer _server;

    private EmbeddedBroker(MqttServer server, int port) => (_server, Port) = (server, port);

    public static string Host => "127.0.0.1";

    public int Port { get; }

    public static async Task<EmbeddedBroker> StartAsync(CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var options = new MqttServerOptionsBuilder()
            .WithDefaultEndpoint()
            .WithDefaultEndpointBoundIPAddress(IPAddress.Loopback)
            .WithDefaultEndpointBoundIPV6Address(IPAddress.None)
            .WithDefaultEndpointPort(0)
            .WithMaxPendingMessagesPerClient(10_000)
            .Build();
        var server = new MqttServerFactory().CreateMqttServer(options);
        await server.StartAsync();
        return new EmbeddedBroker(server, options.DefaultEndpointOptions.Port); // the server writes the port it got into its options
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(new MqttServerStopOptionsBuilder().Build());
        _server.Dispose();
    }
}
