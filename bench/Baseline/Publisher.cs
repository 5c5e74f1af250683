using System.Buffers;
using System.Globalization;
using System.Text;
using MQTTnet;
using MQTTnet.Protocol;

namespace Baseline;

/// <summary>Sends decisions to the broker, one message each.</summary>
internal sealed class Publisher : IDisposable
{
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();

    public Publisher(string host, int port) => _client.ConnectAsync(
        new MqttClientOptionsBuilder().WithTcpServer(host, port).WithClientId($"baseline-{Environment.ProcessId}")
            .Build()).GetAwaiter().GetResult();

    public void Publish(string camera, int best, float score) => _client.PublishAsync(new MqttApplicationMessage
    {
        Topic = $"baseline/{camera}",
        Payload = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $$"""{"class":{{best}},"score":{{score:0.0000}}}"""))),
        QualityOfServiceLevel = MqttQualityOfServiceLevel.AtMostOnce,
    }).GetAwaiter().GetResult();

    public void Dispose()
    {
        _client.DisconnectAsync().GetAwaiter().GetResult();
        _client.Dispose();
    }
}
