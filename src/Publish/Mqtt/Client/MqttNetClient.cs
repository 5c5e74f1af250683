using System.Buffers;
using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace ActionStream.Publish.Mqtt.Client;

/// <summary>MQTTnet's client as an <see cref="IMqttClient"/>.</summary>
public sealed class MqttNetClient : IMqttClient
{
    private const string Unanswered =
        "closed the connection without an answer to CONNECT. It may be: it keeps no retained messages, and our last will is one "
        + "(mosquitto: retain_available false; then mqtt.retain: false); it does not allow the client id or the version of MQTT; it has "
        + "too many connections; it wants TLS or a certificate of ours; it is no MQTT broker. Its log knows, and with mqtt.protocol 5 it "
        + "mostly says so";

    private readonly MQTTnet.IMqttClient _client = new MqttClientFactory().CreateMqttClient(new BoundedAdapters());
    private readonly TaskCompletionSource<MqttException?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<X509Certificate2> _certificates = [];
    private readonly ConcurrentBag<MqttApplicationMessage> _pool = [];
    private CertificateCheck? _check;
    private volatile bool _saidGoodbye;

    public MqttNetClient()
    {
        _client.DisconnectedAsync += OnDisconnected;
        _client.ApplicationMessageReceivedAsync += OnReceived;
    }

    public event Action<MqttMessage>? Received;

    public Task<MqttException?> Ended => _ended.Task;

    public BrokerLimits Limits { get; private set; } = BrokerLimits.None;

    public async Task ConnectAsync(MqttOptions options, string clientId, MqttMessage? will, CancellationToken cancel)
    {
        var where = $"{options.Host}:{options.Port}";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(options.ConnectTimeout);
        try
        {
            var answer = await _client.ConnectAsync(Build(options, clientId, will), limit.Token);
            if (answer.ResultCode is not MqttClientConnectResultCode.Success)
            {
                throw Refusal(answer);
            }

            Limits = options.Protocol == "5"
                ? new(answer.MaximumPacketSize is > 0 and var most ? most : null, answer.RetainAvailable)
                : BrokerLimits.None;
        }
        catch (Exception broken) when (broken is not MqttException)
        {
            cancel.ThrowIfCancellationRequested(); // MQTTnet reports a cancelled call in many ways
            throw limit.IsCancellationRequested
                ? new MqttException(MqttFault.Timeout, $"{where} did not answer within {options.ConnectTimeout.TotalSeconds:0.#} s", broken)
                : Fault(broken, where, options);
        }
    }

    public async Task PublishAsync(MqttMessage message, CancellationToken cancel)
    {
        try
        {
            var wrapped = _pool.TryTake(out var pooled) ? pooled : new MqttApplicationMessage();
            wrapped.Topic = message.Topic;
            wrapped.Payload = new ReadOnlySequence<byte>(message.Payload);
            wrapped.QualityOfServiceLevel = (MqttQualityOfServiceLevel)message.Qos;
            wrapped.Retain = message.Retain;
            var result = await _client.PublishAsync(wrapped, cancel);
            _pool.Add(wrapped); // it is done with; one whose fate is unknown is left to the collector
            if (!result.IsSuccess)
            {
                throw new MqttException(MqttFault.Rejected, $"the broker refuses the message: {result.ReasonCode}");
            }
        }
        catch (Exception broken) when (broken is not MqttException)
        {
            cancel.ThrowIfCancellationRequested(); // MQTTnet reports a cancelled call in many ways
            throw new MqttException(MqttFault.Lost, $"the connection was lost: {broken.Message}", broken);
        }
    }

    public async Task SubscribeAsync(string filter, int qos, CancellationToken cancel)
    {
        try
        {
            var options = new MqttClientSubscribeOptionsBuilder().WithTopicFilter(filter, (MqttQualityOfServiceLevel)qos).Build();
            var result = await _client.SubscribeAsync(options, cancel);
            if (result.Items.Any(item => (int)item.ResultCode >= 0x80))
            {
                throw new MqttException(MqttFault.Auth, "the broker refuses the subscription");
            }
        }
        catch (Exception broken) when (broken is not MqttException)
        {
            cancel.ThrowIfCancellationRequested(); // MQTTnet reports a cancelled call in many ways
            throw new MqttException(MqttFault.Lost, $"the connection was lost: {broken.Message}", broken);
        }
    }

    public async Task DisconnectAsync(CancellationToken cancel)
    {
        _saidGoodbye = true;
        try
        {
            if (_client.IsConnected)
            {
                await _client.DisconnectAsync(new MqttClientDisconnectOptionsBuilder().Build(), cancel);
            }
        }
        catch (MQTTnet.Exceptions.MqttCommunicationException)
        {
            // It was lost in this very moment; gone is gone.
        }
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        _certificates.ForEach(certificate => certificate.Dispose());
        _ended.TrySetResult(_saidGoodbye ? null : new MqttException(MqttFault.Lost, "the connection was closed"));
        return ValueTask.CompletedTask;
    }

    private MqttClientOptions Build(MqttOptions options, string clientId, MqttMessage? will)
    {
        var build = new MqttClientOptionsBuilder()
            .WithTcpServer(options.Host, options.Port)
            .WithProtocolVersion(options.Protocol == "5" ? MqttProtocolVersion.V500 : MqttProtocolVersion.V311)
            .WithClientId(clientId)
            .WithCleanSession()
            .WithKeepAlivePeriod(options.KeepAlive)
            .WithTimeout(options.PublishTimeout);
        if (options.Protocol == "5")
        {
            build.WithMaximumPacketSize(PacketCutter.Largest);
        }

        if (will is { } last)
        {
            build.WithWillTopic(last.Topic)
                .WithWillPayload(last.Payload.ToArray())
                .WithWillQualityOfServiceLevel((MqttQualityOfServiceLevel)last.Qos)
                .WithWillRetain(last.Retain);
        }

        if (!string.IsNullOrEmpty(options.Username))
        {
            build.WithCredentials(options.Username, options.Password.Reveal());
        }

        if (options.Tls.Enabled)
        {
            build.WithTlsOptions(tls => Encrypt(tls, options));
        }

        return build.Build();
    }

    private void Encrypt(MqttClientTlsOptionsBuilder tls, MqttOptions options)
    {
        _check = new(options.Host);
        // A home's own authority publishes no revocation lists; the default would refuse every certificate it signed.
        tls.UseTls().WithRevocationMode(X509RevocationMode.NoCheck).WithCertificateValidationHandler(_check.Accepts);
        if (options.Tls.CaFile is { } authority)
        {
            var trusted = new X509Certificate2Collection();
            trusted.ImportFromPemFile(authority);
            _certificates.AddRange(trusted);
            tls.WithTrustChain(trusted); // these and no others
        }

        if (options.Tls.CertFile is { } own)
        {
            var certificate = X509Certificate2.CreateFromPemFile(own, options.Tls.KeyFile);
            _certificates.Add(certificate);
            tls.WithClientCertificates(new X509Certificate2Collection(certificate));
        }
    }

    private Task OnDisconnected(MqttClientDisconnectedEventArgs end)
    {
        if (end.ClientWasConnected)
        {
            var fault = end.Reason is MqttClientDisconnectReason.SessionTakenOver ? MqttFault.TakenOver : MqttFault.Lost;
            var said = end.Reason is MqttClientDisconnectReason.NormalDisconnection
                ? "the broker closed it without a word" // 0, where nothing was said
                : end.ReasonString is { Length: > 0 } text ? text : end.Reason.ToString();
            _ended.TrySetResult(_saidGoodbye ? null : new MqttException(
                fault, $"the connection was lost: {end.Exception?.Message ?? said}", end.Exception));
        }

        return Task.CompletedTask;
    }

    private Task OnReceived(MqttApplicationMessageReceivedEventArgs received)
    {
        var message = received.ApplicationMessage;
        Received?.Invoke(new(message.Topic, message.Payload.ToArray(), (int)message.QualityOfServiceLevel, message.Retain));
        return Task.CompletedTask;
    }

    private static MqttException Refusal(MqttClientConnectResult answer) => answer.ResultCode switch
    {
        MqttClientConnectResultCode.BadUserNameOrPassword or MqttClientConnectResultCode.NotAuthorized
            or MqttClientConnectResultCode.BadAuthenticationMethod or MqttClientConnectResultCode.Banned =>
            new(MqttFault.Auth, "the broker does not accept user and password"),
        MqttClientConnectResultCode.RetainNotSupported =>
            new(MqttFault.NoRetain, "the broker keeps no retained messages, and our last will is one"),
        _ => new(MqttFault.Rejected, $"the broker refuses the connection: {answer.ResultCode} {answer.ReasonString}"),
    };

    private MqttException Fault(Exception broken, string where, MqttOptions options)
    {
        if (_check?.Problem is { } problem)
        {
            return new(problem.Fault, $"{where}: {problem.Text}", broken);
        }

        for (var cause = broken; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }:
                    return new(MqttFault.HostUnknown, $"the name {options.Host} does not resolve", broken);
                case SocketException { SocketErrorCode: not (SocketError.ConnectionReset or SocketError.Shutdown) } socket:
                    return new(MqttFault.Refused, $"{where}: {socket.Message}", broken);
                case AuthenticationException or CryptographicException:
                    return new(MqttFault.Tls, $"{where}: TLS failed: {cause.Message}", broken);
            }
        }

        return options.Tls.Enabled && _check?.IsAccepted != true
            ? new(MqttFault.Tls, $"{where}: {broken.Message}", broken)
            : new(MqttFault.Unanswered, $"{where} {Unanswered}", broken);
    }
}
