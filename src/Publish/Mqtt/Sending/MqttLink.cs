using System.Diagnostics.Metrics;
using ActionStream.Core.Results;
using ActionStream.Core.Retrying;
using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Messages;
using Microsoft.Extensions.Logging;

namespace ActionStream.Publish.Mqtt.Sending;

/// <summary>The connection to the broker, kept indefinitely: drains the <see cref="Outbox"/>, delivers to
/// the <see cref="Subscriptions"/>.</summary>
public sealed partial class MqttLink : IDisposable
{
    private readonly Func<IMqttClient> _createClient;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger<MqttLink> _log;
    private readonly TakeOverGuard _guard = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Backoff _backoff;
    private readonly LastSaid<MqttFault> _lastSaid = new();
    private readonly BoundedLog _setAside;
    private bool _isRetaining;
    private int _failures;

    public MqttLink(
        MqttOptions options, string node, Meter meter, TimeProvider time, Random random, ILogger<MqttLink> log,
        Func<IMqttClient>? createClient = null)
    {
        (Options, _time, _random, _log) = (options, time, random, log);
        _backoff = new() { First = TimeSpan.FromSeconds(1), Patience = TimeSpan.Zero, Ceiling = options.RetryCeiling, Spread = 0.5 };
        _createClient = createClient ?? (() => new MqttNetClient());
        Topics = new(options.Prefix, node);
        ClientId = options.ClientId ?? $"actionstream-{Slug.Of(node)}";
        Meter = new(meter, () => IsConnected, () => Outbox!.Spooled);
        Outbox = new(options.Spool, options.ScoresQueue, new(options.Spool, Slug.Of(node), time, log), Meter, time);
        (_isRetaining, _setAside) = (options.Retain, new(time));
        Outbox.SetAside = OnSetAside;
        Subscriptions = new(Outbox.Wake);
    }

    public Topics Topics { get; }

    /// <summary>What is to be sent.</summary>
    public Outbox Outbox { get; }

    /// <summary>Who is to receive what.</summary>
    public SubscriptionRegistry Subscriptions { get; }

    /// <summary>What became of it.</summary>
    public LinkMeter Meter { get; }

    internal MqttOptions Options { get; }

    public string ClientId { get; }

    public bool IsConnected { get; private set; }

    /// <summary>False where the broker keeps nothing for those who come later, by configuration or by its own word.</summary>
    internal bool IsRetaining
    {
        get => _isRetaining;
        private set
        {
            if (_isRetaining && !value)
            {
                LogNotRetained();
            }

            _isRetaining = value;
        }
    }

    /// <summary>Why there is no connection; null while there is one. Safe to show.</summary>
    public MqttException? LastFault { get; private set; }

    /// <summary>Asks <see cref="RunAsync"/> to send what is queued, say goodbye and return; at once if the broker is away.</summary>
    public void Stop() => _stop.Cancel();

    public void Dispose()
    {
        _stop.Dispose();
        Outbox.Dispose();
    }

    /// <summary>Connects, sends, reconnects, until <see cref="Stop"/>. Cancelling leaves without a goodbye.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(cancel, _stop.Token);
        using var woken = leave.Token.Register(Outbox.Wake);
        while (!leave.IsCancellationRequested)
        {
            var (stood, fault) = await ConnectAndSendAsync(leave.Token, cancel);
            if (fault is null)
            {
                break;
            }

            _failures = stood >= TakeOverGuard.Brief ? 1 : _failures + 1;
            var delay = stood > TimeSpan.Zero && _guard.StayAway(stood, fault.Fault) is { } pause
                ? StayAway(fault, pause)
                : _backoff.Delay(_failures, TimeSpan.Zero, _random.NextDouble());
            Complain(fault, delay);
            await Task.Delay(delay, _time, leave.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        cancel.ThrowIfCancellationRequested();
    }

    /// <summary>One connection: how long it stood, and why it ended; no reason means that it was time to leave.</summary>
    private async Task<(TimeSpan Stood, MqttException? Fault)> ConnectAndSendAsync(CancellationToken leave, CancellationToken cancel)
    {
        await using var client = _createClient();
        client.Received += Subscriptions.Deliver;
        try
        {
            var will = new MqttMessage(Topics.NodeStatus, Payloads.Offline, 1, IsRetaining);
            await client.ConnectAsync(Options, ClientId, will, leave);
        }
        catch (OperationCanceledException) when (leave.IsCancellationRequested)
        {
            return default;
        }
        catch (MqttException fault)
        {
            Meter.CountConnectFailure(fault.Fault);
            Outbox.BrokerAway();
            IsRetaining &= fault.Fault is not MqttFault.NoRetain;
            return (TimeSpan.Zero, fault);
        }

        var since = _time.GetTimestamp();
        (IsConnected, LastFault) = (true, null);
        _lastSaid.Forget();
        LogConnected(Options.Host, Options.Port, ClientId);
        Subscriptions.Connected();
        IsRetaining &= client.Limits.KeepsRetained;
        if (Outbox.Connected(client.Limits.MaximumPacketSize))
        {
            _guard.Forget(); // it was the message, and the next attempt is the first without it
            _failures = 0;
        }

        _ = client.Ended.ContinueWith(_ => Outbox.Wake(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        try
        {
            var session = new LinkSession(client, IsRetaining, Outbox, Subscriptions, Meter, Options, _time, _log);
            var fault = await session.RunAsync(_stop.Token, cancel);
            if (fault is null)
            {
                await client.DisconnectAsync(cancel);
            }

            return (_time.GetElapsedTime(since), fault);
        }
        finally
        {
            IsConnected = false;
            Outbox.Disconnected();
        }
    }

    private TimeSpan StayAway(MqttException fault, TimeSpan pause)
    {
        if (fault.Fault is MqttFault.TakenOver)
        {
            LogTakenOver(ClientId, pause);
        }
        else
        {
            LogCutAgain(TakeOverGuard.Suspicious, ClientId, pause);
        }

        return pause;
    }

    private void OnSetAside(OutboundMessage message, SetAsideReason reason)
    {
        if (!_setAside.IsDue(out var others))
        {
            return;
        }

        if (reason is SetAsideReason.TooLarge)
        {
            LogTooLarge(message.Topic, message.PacketSize, others);
        }
        else
        {
            LogCutting(message.Topic, message.PacketSize, CutWatch.Pause, others);
        }
    }

    private void Complain(MqttException fault, TimeSpan delay)
    {
        LastFault = fault;
        if (_lastSaid.IsNews(fault.Fault))
        {
            LogAway(fault.Reason, fault.Message, delay);
        }
        else
        {
            LogStillAway(fault.Reason, fault.Message, delay);
        }
    }

    [LoggerMessage(LogLevel.Information, "Connected to the broker {Host}:{Port} as {ClientId}")]
    private partial void LogConnected(string host, int port, string clientId);

    [LoggerMessage(LogLevel.Warning, "Broker ({Reason}): {Fault}; trying again in {Delay} and until it works, events are kept meanwhile")]
    private partial void LogAway(string reason, string fault, TimeSpan delay);

    [LoggerMessage(LogLevel.Debug, "Broker ({Reason}): {Fault}; trying again in {Delay}")]
    private partial void LogStillAway(string reason, string fault, TimeSpan delay);

    [LoggerMessage(
        LogLevel.Error,
        "Another client uses the client id {ClientId}: the broker ends our connection for it again and again. Give each node its own "
        + "`node` or mqtt.client_id. Staying away for {Pause}")]
    private partial void LogTakenOver(string clientId, TimeSpan pause);

    [LoggerMessage(
        LogLevel.Error,
        "The broker cut the connection {Times} times just after it was made and does not say why. It may be: another client with the "
        + "client id {ClientId} (give each node its own `node` or mqtt.client_id); the broker's limit for connections or its rules for "
        + "topics; something between us and it. Its log knows, and with mqtt.protocol 5 it says so. Staying away for {Pause}")]
    private partial void LogCutAgain(int times, string clientId, TimeSpan pause);

    [LoggerMessage(
        LogLevel.Warning,
        "The broker takes no packets this large and {Topic} has {Bytes} bytes: not sent, nor {Others} others since the last such line. "
        + "Raise its limit (mosquitto: max_packet_size) or make less of it (docs/mqtt.md)")]
    private partial void LogTooLarge(string topic, long bytes, int others);

    [LoggerMessage(
        LogLevel.Warning,
        "The broker cut the connection again and again while {Topic} ({Bytes} bytes) was on its way and does not say why: set aside for "
        + "{Pause}, with {Others} others since the last such line. Most likely its limit for packets is lower (mosquitto: "
        + "max_packet_size) or its rules forbid the topic; its log knows")]
    private partial void LogCutting(string topic, long bytes, TimeSpan pause, int others);

    [LoggerMessage(
        LogLevel.Warning,
        "The broker keeps no retained messages: all states are published again every minute instead. Say mqtt.retain: false to "
        + "mean it (docs/mqtt.md)")]
    private partial void LogNotRetained();
}
