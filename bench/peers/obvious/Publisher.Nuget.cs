using System.Buffers;
using System.Text;
using MQTTnet;
using MQTTnet.Protocol;

namespace Obvious;

/// <summary>MQTTnet.</summary>
internal sealed partial class Publisher
{
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();

    public Publisher(string host, int port) => _client.ConnectAsync(
        new MqttClientOptionsBuilder().WithTcpServer(host, port).WithClientId($"obvious-{Environment.ProcessId}").Build()).GetAwaiter().GetResult();

    public void Dispose()
    {
        _client.DisconnectAsync().GetAwaiter().GetResult();
        _client.Dispose();
    }

    private partial void Send(string topic, string payload) => _client.PublishAsync(new MqttApplicationMessage
    {
        Topic = topic,
        Payload = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(payload)),
        QualityOfServiceLevel = MqttQualityOfServiceLevel.AtMostOnce,
    }).GetAwaiter().GetResult();
}
