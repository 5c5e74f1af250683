using ActionStream.Publish.Mqtt.Client;
using Microsoft.Extensions.Logging;

namespace ActionStream.Publish.Mqtt.Sending;

/// <summary>Drains the outbox over one connection while it stands, and asks it for the topics that somebody wants.</summary>
internal sealed partial class LinkSession(
    IMqttClient client, Outbox outbox, SubscriptionRegistry subscriptions, LinkMeter meter, MqttOptions options,
    TimeProvider time, ILogger log)
{
    private const int InFlight = 20;

    private readonly List<OutboundMessage> _batch = [];
    private readonly List<Task> _sending = [];

    /// <summary>Subscribes and sends until the connection is lost (the reason) or all is sent and it is time to leave (null).</summary>
    public async Task<MqttException?> RunAsync(CancellationToken leave, CancellationToken cancel)
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
            outbox.Take(_batch, InFlight);
            if (_batch.Count > 0)
            {
                if (await SendBatchAsync(cancel) is { } fault)
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

    // A batch is under way together, so a distant broker costs one round trip per batch and not per message.
    private async Task<MqttException?> SendBatchAsync(CancellationToken cancel)
    {
        MqttException? lost = null;
        _sending.Clear();
        foreach (var message in _batch)
        {
            _sending.Add(Start(message, cancel));
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

        if (lost is not null)
        {
            _batch.RemoveRange(unsent, _batch.Count - unsent);
            outbox.TakeBack(_batch);
        }

        return lost;
    }

    private Task Start(OutboundMessage message, CancellationToken cancel)
    {
        try
        {
            return client.PublishAsync(message.ToMessage(), cancel);
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
