namespace ActionStream.Publish.Mqtt.Client;

/// <summary>Who wants to receive which topics. Subscriptions are made again on every connect, so they outlive a connection.</summary>
/// <remarks>Thread-safe. Messages come on the client's own thread.</remarks>
/// <param name="changed">Called when there is a new one to ask the broker for.</param>
public sealed class SubscriptionRegistry(Action changed)
{
    private readonly Lock _lock = new();
    private readonly List<Listener> _listeners = [];
    private int _subscribed;

    /// <summary>Asks for a topic from now on, over every connection. Receives on the client's own thread: be quick, do not throw.</summary>
    public void Subscribe(string filter, Action<MqttMessage> receive)
    {
        lock (_lock)
        {
            _listeners.Add(new(filter, receive));
        }

        changed();
    }

    /// <summary>A new connection knows of no subscription.</summary>
    internal void Connected()
    {
        lock (_lock)
        {
            _subscribed = 0;
        }
    }

    /// <summary>The filters that this connection does not know yet; they count as known from here.</summary>
    internal IReadOnlyList<string> TakeNew()
    {
        lock (_lock)
        {
            if (_subscribed == _listeners.Count)
            {
                return [];
            }

            var known = _listeners.Take(_subscribed).Select(listener => listener.Filter).ToHashSet(StringComparer.Ordinal);
            string[] filters =
                [.. _listeners.Skip(_subscribed).Select(listener => listener.Filter).Distinct(StringComparer.Ordinal).Where(known.Add)];
            _subscribed = _listeners.Count;
            return filters;
        }
    }

    /// <summary>Hands a message to everybody who asked for its topic.</summary>
    internal void Deliver(MqttMessage message)
    {
        Listener[] wanting;
        lock (_lock)
        {
            wanting = [.. _listeners.Where(listener => TopicFilter.Matches(listener.Filter, message.Topic))];
        }

        foreach (var listener in wanting)
        {
            listener.Receive(message);
        }
    }

    private sealed record Listener(string Filter, Action<MqttMessage> Receive);
}
