using System.Buffers;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Channel;

namespace ActionStream.Publish.Mqtt.Client;

/// <summary>A channel whose reader never sees a packet larger than we mean to hold: anybody at the broker may send us one.</summary>
/// <remarks>MQTTnet takes as much memory as a packet claims to need. With MQTT 5 the broker keeps to the size we name; otherwise
/// this does it.</remarks>
internal sealed class BoundedChannel(IMqttChannel inner, bool isMqtt5) : IMqttChannel
{
    private readonly PacketCutter _cutter = new(isMqtt5);

    public X509Certificate2 ClientCertificate => inner.ClientCertificate;

    public EndPoint RemoteEndPoint => inner.RemoteEndPoint;

    public EndPoint LocalEndPoint => inner.LocalEndPoint;

    public bool IsSecureConnection => inner.IsSecureConnection;

    public Task ConnectAsync(CancellationToken cancellationToken) => inner.ConnectAsync(cancellationToken);

    public Task DisconnectAsync(CancellationToken cancellationToken) => inner.DisconnectAsync(cancellationToken);

    public Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        _cutter.ReadAsync(inner.ReadAsync, buffer, offset, count, cancellationToken);

    public Task WriteAsync(ReadOnlySequence<byte> buffer, bool isEndOfPacket, CancellationToken cancellationToken) =>
        inner.WriteAsync(buffer, isEndOfPacket, cancellationToken);

    public void Dispose() => inner.Dispose();
}
