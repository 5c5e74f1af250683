namespace ActionStream.Publish.Mqtt.Client;

/// <summary>Who wants to receive which topics. Subscriptions are made again on every connect, so they outlive a connection.</summary>
/// <remarks>Thread-safe. Messages come on the client's own thread.</remarks>
internal sealed class SubscriptionRegistry
{
    private readonly Lock _lock = new();
    private readonly List<Listener> _listeners = [];
    private int _subscribed;

    /// <summary>Asks for a topic. Called before or while there is a connection.</summary>
    public void Subscribe(string filter, Action<MqttMessage> receive)
    {
        lock (_lock)
        {
            _listeners.Add(new(filter, receive));
        }
    }

    /// <summary>A new connection knows of no subscription.</summary>
    public void Connected()
    {
        lock (_lock)
        {
            _subscribed = 0;
        }
    }

    /// <summary>The filters that this connection does not know yet; they count as known from here.</summary>
    public IReadOnlyList<string> TakeNew()
    {
        lock (_lock)
        {
            if (_subscribed == _listeners.Count)
            {
                return [];
            }

            var known = _listeners.Take(_subscribed).Select(listener => listener.Filter).ToHashSet(StringComparer.Ordinal);
            string[] filters = [.. _listeners.Skip(_subscribed).Select(listener => listener.Filter).Distinct(StringComparer.Ordinal).Where(known.Add)];
            _subscribed = _listeners.Count;
            return filters;
        }
    }

    public void Take(MqttMessage message)
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
