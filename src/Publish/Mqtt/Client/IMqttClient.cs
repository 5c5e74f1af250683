using ActionStream.Core.Configuration;

namespace ActionStream.Publish.Mqtt.Client;

/// <summary>One connection to a broker. It connects once; whoever wants another makes another client.</summary>
/// <remarks>Disposing without <see cref="DisconnectAsync"/> drops the connection, and the broker publishes the will.</remarks>
public interface IMqttClient : IAsyncDisposable
{
    /// <summary>Connects, or throws <see cref="MqttException"/>. The timeout is the options'.</summary>
    /// <param name="will">What the broker says for us when we vanish.</param>
    Task ConnectAsync(MqttOptions options, string clientId, MqttMessage? will, CancellationToken cancel);

    /// <summary>What the broker said of itself when it took the connection.</summary>
    BrokerLimits Limits { get; }

    /// <summary>Sends a message; done when the broker has it (QoS 1) or it is on its way (QoS 0). Messages keep their order.</summary>
    Task PublishAsync(MqttMessage message, CancellationToken cancel);

    Task SubscribeAsync(string filter, int qos, CancellationToken cancel);

    /// <summary>Says goodbye, so that the broker does not publish the will.</summary>
    Task DisconnectAsync(CancellationToken cancel);

    /// <summary>Completes when a connection that stood is over: with the reason, or null after <see cref="DisconnectAsync"/>.</summary>
    Task<MqttException?> Ended { get; }

    /// <summary>A message on a subscribed topic. Called on the client's own thread: be quick, do not throw.</summary>
    event Action<MqttMessage>? Received;
}

/// <summary>A message as it travels.</summary>
public readonly record struct MqttMessage(string Topic, ReadOnlyMemory<byte> Payload, int Qos, bool Retain);

/// <summary>Why a connection could not be made or was lost: a closed set.</summary>
public enum MqttFault
{
    /// <summary>The name does not resolve.</summary>
    HostUnknown,

    /// <summary>Nobody listens there, or it is out of reach.</summary>
    Refused,

    /// <summary>It closed the connection instead of answering to CONNECT, and did not say why.</summary>
    Unanswered,

    /// <summary>No answer in time.</summary>
    Timeout,

    /// <summary>User or password are wrong, or the user may not do this.</summary>
    Auth,

    /// <summary>The encrypted connection failed for a reason that is none of the following, such as
    /// a port that does not speak TLS.</summary>
    Tls,

    /// <summary>The broker's certificate is signed by nobody we trust.</summary>
    TlsUntrusted,

    /// <summary>Its certificate has expired, or is not valid yet.</summary>
    TlsExpired,

    /// <summary>Its certificate is made out to another name.</summary>
    TlsWrongName,

    /// <summary>The broker keeps no retained messages, and our last will is one.</summary>
    NoRetain,

    /// <summary>The broker does not want us for another reason, such as the client id.</summary>
    Rejected,

    /// <summary>Another client connected with our client id.</summary>
    TakenOver,

    /// <summary>The connection broke.</summary>
    Lost,
}

/// <summary>The broker could not be reached or was lost. The message is safe to show: no passwords.</summary>
public sealed class MqttException(MqttFault fault, string message, Exception? inner = null)
    : Exception(SafeUri.Scrub(message), inner)
{
    public MqttFault Fault { get; } = fault;

    /// <summary>The fault in the words of metrics, logs and health.</summary>
    public string Reason => SettingName.Of(Fault.ToString());
}
