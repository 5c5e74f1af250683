using System.Diagnostics.Metrics;
using System.Threading.Channels;
using ActionStream.Core.Results;
using ActionStream.Publish.Events;
using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Messages;
using Microsoft.Extensions.Logging;

namespace ActionStream.Publish.Mqtt.Sending;

/// <summary>The connection to the broker, kept indefinitely in the background. Posting never waits for it.</summary>
public sealed partial class MqttLink : IDisposable
{
    private readonly MqttOptions _options;
    private readonly Func<IMqttClient> _createClient;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger<MqttLink> _log;
    private readonly EventSpool _spool;
    private readonly Outbox _outbox;
    private readonly SubscriptionRegistry _subscriptions = new();
    private readonly LinkMeter _meter;
    private readonly TakeOverGuard _guard = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private MqttFault? _complainedOf;

    public MqttLink(
        MqttOptions options, string node, Meter meter, TimeProvider time, Random random, ILogger<MqttLink> log,
        Func<IMqttClient>? createClient = null)
    {
        (_options, _time, _random, _log) = (options, time, random, log);
        _createClient = createClient ?? (() => new MqttNetClient());
        Topics = new(options.Prefix, node);
        ClientId = options.ClientId ?? $"actionstream-{Slug.Of(node)}";
        _meter = new(meter, () => IsConnected, () => _outbox!.Spooled, () => _outbox!.SpooledBytes, () => _outbox!.DiskBytes);
        _spool = new(options.Spool, new(options.Spool, Slug.Of(node), time, log), time, _meter.DroppedEvents);
        _outbox = new(_spool, options.Spool.Messages, options.ScoresQueue);
        _outbox.Recover();
    }

    public Topics Topics { get; }

    internal MqttOptions Options => _options;

    public string ClientId { get; }

    public bool IsConnected { get; private set; }

    /// <summary>Why there is no connection; null while there is one. Safe to show.</summary>
    public MqttException? LastFault { get; private set; }

    /// <summary>How long it took until the broker had the last event or scores, from posting on.</summary>
    public TimeSpan LastPublish => _meter.Last;

    /// <summary>Messages that reached the broker.</summary>
    public long Published(MessageKind kind) => _meter.Count(kind);

    /// <summary>Scores and stats not kept, because the broker was away or too slow.</summary>
    public long DroppedScores => _meter.DroppedCount;

    /// <summary>Events dropped from the spool.</summary>
    public long DroppedEvents => _meter.EventsDropped;

    /// <summary>Called for every decision posted with a message, once the broker has it in time.</summary>
    internal Action<DecisionTime>? Sent { get; set; }

    /// <summary>Says what is true from now on; the broker keeps it for whoever comes later.</summary>
    public void PostRetained(MessageKind kind, string topic, ReadOnlyMemory<byte> payload)
    {
        _outbox.Retain(new(kind, topic, payload));
        Wake();
    }

    /// <summary>Takes back what was said on a retained topic: the broker forgets it, and so do we once it has.</summary>
    internal void Withdraw(MessageKind kind, string topic) => PostRetained(kind, topic, ReadOnlyMemory<byte>.Empty);

    /// <summary>True for a retained topic on which something is said at present.</summary>
    internal bool Says(string topic) => _outbox.Says(topic);

    /// <summary>Says everything that is retained once more, in the order of a new connection.</summary>
    internal void Republish()
    {
        _outbox.Republish();
        Wake();
    }

    /// <summary>Hears a topic from now on, over every connection; on the client's own thread, so be quick and do not throw.</summary>
    internal void Subscribe(string filter, Action<MqttMessage> receive)
    {
        _subscriptions.Subscribe(filter, receive);
        Wake();
    }

    /// <summary>Events that were open when the service died; for their ends.</summary>
    internal IEnumerable<CrashEnd> Crashed => _spool.Crashed.Select(step => CrashEnd.Of(step, _spool.LivedUntil)).OfType<CrashEnd>();

    /// <summary>Notes that the service lives while events are open.</summary>
    internal void Alive() => _outbox.Alive();

    /// <param name="decision">The decision whose way ends with this message, if it is one.</param>
    internal void PostEvent(string topic, ReadOnlyMemory<byte> payload, EventMark mark, DecisionTime? decision = null)
    {
        _outbox.AddEvent(new(MessageKind.Event, topic, payload) { Mark = mark, Decision = decision, PostedAt = _time.GetTimestamp() });
        Wake();
    }

    /// <summary>Scores or stats: worth sending only while the broker is there. A lent payload returns to the shared pool.</summary>
    internal void PostTransient(MessageKind kind, string topic, ReadOnlyMemory<byte> payload, DecisionTime? decision = null, bool isPooled = false)
    {
        _meter.DroppedScores(_outbox.AddScores(_outbox.Transient(kind, topic, payload, decision, isPooled, _time.GetTimestamp())));
        Wake();
    }

    /// <summary>Asks <see cref="RunAsync"/> to send what is queued, say goodbye and return; at once if the broker is away.</summary>
    public void Stop() => _stop.Cancel();

    public void Dispose()
    {
        _stop.Dispose();
        _spool.Dispose();
    }

    /// <summary>Connects, sends, reconnects, until <see cref="Stop"/>. Cancelling leaves without a goodbye.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(cancel, _stop.Token);
        using var woken = leave.Token.Register(Wake);
        for (var failures = 0; !leave.IsCancellationRequested;)
        {
            var (stood, fault) = await ConnectAndSendAsync(leave.Token, cancel);
            if (fault is null)
            {
                break;
            }

            failures = stood >= TakeOverGuard.Brief ? 1 : failures + 1;
            var delay = stood > TimeSpan.Zero && _guard.IsTakenOver(stood, fault.Fault)
                ? TakenOver()
                : RetryDelay.After(failures, _options.RetryCeiling, _random.NextDouble());
            Complain(fault, delay);
            await Task.Delay(delay, _time, leave.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        cancel.ThrowIfCancellationRequested();
    }

    /// <summary>One connection: how long it stood, and why it ended; no reason means that it was time to leave.</summary>
    private async Task<(TimeSpan Stood, MqttException? Fault)> ConnectAndSendAsync(CancellationToken leave, CancellationToken cancel)
    {
        await using var client = _createClient();
        client.Received += _subscriptions.Take;
        try
        {
            var will = new MqttMessage(Topics.NodeStatus, Payloads.Offline, 1, true);
            await TlsProbe.ConnectAsync(client, _options, ClientId, will, leave);
        }
        catch (OperationCanceledException) when (leave.IsCancellationRequested)
        {
            return default;
        }
        catch (MqttException fault)
        {
            _meter.ConnectFailed(fault.Fault);
            return (TimeSpan.Zero, fault);
        }

        var since = _time.GetTimestamp();
        (IsConnected, LastFault, _complainedOf) = (true, null, null);
        LogConnected(_options.Host, _options.Port, ClientId);
        _subscriptions.Connected();
        _outbox.Connected();
        _ = client.Ended.ContinueWith(_ => Wake(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        try
        {
            var session = new LinkSession(client, _outbox, _subscriptions, _meter, _options, _time, _wake.Reader, _log) { Reached = Reached };
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
            _meter.DroppedScores(_outbox.Disconnected());
        }
    }

    private void Reached(OutboundMessage message)
    {
        _meter.Published(message.Kind);
        if (message is { IsRetained: false, IsLate: false })
        {
            _meter.Finished(_time.GetElapsedTime(message.PostedAt));
            if (message.Decision is { } decision)
            {
                Sent?.Invoke(decision);
            }
        }

        _outbox.Done(message);
    }

    private void Wake() => _wake.Writer.TryWrite(true);

    private TimeSpan TakenOver()
    {
        LogTakenOver(ClientId, TakeOverGuard.Pause);
        return TakeOverGuard.Pause;
    }

    // The same complaint every 30 seconds for a night helps nobody; a new one does.
    private void Complain(MqttException fault, TimeSpan delay)
    {
        LastFault = fault;
        if (_complainedOf == fault.Fault)
        {
            LogStillAway(fault.Reason, fault.Message, delay);
        }
        else
        {
            LogAway(fault.Reason, fault.Message, delay);
        }

        _complainedOf = fault.Fault;
    }

    [LoggerMessage(LogLevel.Information, "Connected to the broker {Host}:{Port} as {ClientId}")]
    private partial void LogConnected(string host, int port, string clientId);

    [LoggerMessage(LogLevel.Warning, "Broker ({Reason}): {Fault}; trying again in {Delay} and until it works, events are kept meanwhile")]
    private partial void LogAway(string reason, string fault, TimeSpan delay);

    [LoggerMessage(LogLevel.Debug, "Broker ({Reason}): {Fault}; trying again in {Delay}")]
    private partial void LogStillAway(string reason, string fault, TimeSpan delay);

    [LoggerMessage(
        LogLevel.Error,
        "Another client seems to use the client id {ClientId}: the broker keeps cutting the connection. Give each node its own `node` or mqtt.client_id. Staying away for {Pause}")]
    private partial void LogTakenOver(string clientId, TimeSpan pause);
}
