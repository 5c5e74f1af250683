using ActionStream.Publish.Mqtt.Client;
using Microsoft.Extensions.Logging;

namespace ActionStream.Publish.Mqtt.Sending;

/// <summary>Drains the outbox over one connection while it stands, and asks it for the topics that somebody wants.</summary>
internal sealed partial class LinkSession(
    IMqttClient client, bool isRetaining, Outbox outbox, SubscriptionRegistry subscriptions, LinkMeter meter, MqttOptions options,
    TimeProvider time, ILogger log)
{
    private const int InFlight = 20;

    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(1);

    private readonly List<OutboundMessage> _batch = [];
    private readonly List<Task> _sending = [];

    // Sent at QoS 0, which nobody acknowledges; what is acknowledged later says that the broker had them.
    private readonly Queue<SentMessage> _unconfirmed = new();

    /// <summary>Subscribes and sends until the connection is lost (the reason) or all is sent and it is time to leave (null).</summary>
    public async Task<MqttException?> RunAsync(CancellationToken leave, CancellationToken cancel)
    {
        _batch.Clear();
        if (await DrainAsync(leave, cancel) is not { } fault)
        {
            return null;
        }

        if (fault.Fault is MqttFault.Lost)
        {
            fault = await BetterKnownAsync(fault);
        }

        if (fault.Fault is MqttFault.Lost)
        {
            outbox.Cut([.. _unconfirmed, .. _batch.Select(SentMessage.Of)]);
        }

        outbox.TakeBack(_batch);
        return fault;
    }

    private async Task<MqttException?> DrainAsync(CancellationToken leave, CancellationToken cancel)
    {
        while (true)
        {
            if (client.Ended.IsCompleted)
            {
                return await client.Ended ?? new MqttException(MqttFault.Lost, "the connection was closed");
            }

            if (subscriptions.TakeNew() is { Count: > 0 } filters && await SubscribeAsync(filters, cancel) is { } lost)
            {
                return lost;
            }

            _batch.Clear();
            var isAlone = outbox.Take(_batch, InFlight);
            if (_batch.Count > 0)
            {
                if (await SendBatchAsync(isAlone, cancel) is { } fault)
                {
                    return fault;
                }
            }
            else if (leave.IsCancellationRequested)
            {
                return null;
            }
            else
            {
                await outbox.WokenAsync(); // leaving wakes it too
                cancel.ThrowIfCancellationRequested();
            }
        }
    }

    private async Task<MqttException?> SubscribeAsync(IReadOnlyList<string> filters, CancellationToken cancel)
    {
        Task[] asked = [.. filters.Select(filter => Ask(filter, cancel))];
        MqttException? lost = null;
        for (var i = 0; i < asked.Length; i++)
        {
            try
            {
                await asked[i].WaitAsync(lost is null ? options.PublishTimeout : TimeSpan.Zero, time, cancel);
            }
            catch (MqttException fault) when (fault.Fault is MqttFault.Rejected or MqttFault.Auth)
            {
                LogIgnored(filters[i], fault.Message);
            }
            catch (Exception broken) when (broken is MqttException or TimeoutException)
            {
                lost ??= Lost(broken);
            }
        }

        return lost;
    }

    // Whoever sends learns that the connection is gone before the client knows why; what the broker said of it comes with the end.
    private async Task<MqttException> BetterKnownAsync(MqttException fault)
    {
        try
        {
            return await client.Ended.WaitAsync(EndLimit, time) ?? fault;
        }
        catch (TimeoutException)
        {
            return fault;
        }
    }

    // A batch is under way together, so a distant broker costs one round trip per batch and not per message.
    // After a fault it holds what did not reach the broker.
    private async Task<MqttException?> SendBatchAsync(bool isAlone, CancellationToken cancel)
    {
        MqttException? lost = null;
        _sending.Clear();
        foreach (var message in _batch)
        {
            _sending.Add(Start(message.ToMessage(isRetaining, isAlone), cancel));
        }

        var unsent = 0;
        for (var i = 0; i < _batch.Count; i++)
        {
            var message = _batch[i];
            try
            {
                // Completed is the common case at QoS 0, and a timer for each would cost more than the message.
                await (_sending[i].IsCompleted
                    ? _sending[i]
                    : _sending[i].WaitAsync(lost is null ? options.PublishTimeout : TimeSpan.Zero, time, cancel));
                Confirm(message, isAlone);
                outbox.Done(message);
            }
            catch (MqttException fault) when (fault.Fault is MqttFault.Rejected or MqttFault.Auth)
            {
                meter.CountRefused();
                LogRefused(message.Topic, fault.Message);
                outbox.Forget(message);
            }
            catch (Exception broken) when (broken is MqttException or TimeoutException)
            {
                lost ??= Lost(broken);
                _batch[unsent++] = message;
            }
        }

        _batch.RemoveRange(unsent, _batch.Count - unsent);
        return lost;
    }

    private void Confirm(OutboundMessage message, bool isAlone)
    {
        if (isAlone || message.Qos > 0)
        {
            _unconfirmed.Clear();
            return;
        }

        if (_unconfirmed.Count == InFlight)
        {
            _unconfirmed.Dequeue();
        }

        _unconfirmed.Enqueue(SentMessage.Of(message));
    }

    private Task Start(MqttMessage message, CancellationToken cancel)
    {
        try
        {
            return client.PublishAsync(message, cancel);
        }
        catch (MqttException fault)
        {
            return Task.FromException(fault);
        }
    }

    private async Task Ask(string filter, CancellationToken cancel) => await client.SubscribeAsync(filter, 1, cancel);

    private MqttException Lost(Exception broken) => broken as MqttException ?? new(
        MqttFault.Timeout, $"no acknowledgement within {options.PublishTimeout.TotalSeconds:0.#} s");

    [LoggerMessage(LogLevel.Warning, "The broker refuses messages on {Topic}: {Fault}")]
    private partial void LogRefused(string topic, string fault);

    [LoggerMessage(LogLevel.Warning, "The broker does not let us listen to {Filter}: {Fault}; what arrives there does not reach us")]
    private partial void LogIgnored(string filter, string fault);
}
