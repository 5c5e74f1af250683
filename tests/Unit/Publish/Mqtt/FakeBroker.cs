using System.Text;
using System.Threading.Channels;
using ActionStream.Publish.Mqtt.Client;

namespace ActionStream.Unit.Publish.Mqtt;

/// <summary>A broker that is up or down at a word, and remembers what it was told and in which order.</summary>
internal sealed class FakeBroker
{
    private readonly Channel<string> _heard = Channel.CreateBounded<string>(10_000);
    private readonly Channel<string> _tried = Channel.CreateBounded<string>(10_000);
    private readonly List<string> _filters = [];
    private FakeClient? _connected;

    public MqttFault? Down { get; set; }

    /// <summary>Takes messages and never acknowledges them.</summary>
    public bool IsMute { get; set; }

    /// <summary>Messages for which it cuts the connection without a word, as mosquitto does for those beyond its packet limit.</summary>
    public Func<MqttMessage, bool> CutsFor { get; set; } = _ => false;

    /// <summary>What it says of itself.</summary>
    public BrokerLimits Limits { get; set; } = BrokerLimits.None;

    public MqttMessage? Will { get; private set; }

    /// <summary>What the connected client has subscribed to.</summary>
    public IReadOnlyList<string> Filters
    {
        get
        {
            lock (_filters)
            {
                return [.. _filters];
            }
        }
    }

    /// <summary>Subscriptions that it does not allow.</summary>
    public Func<string, bool> Forbids { get; set; } = _ => false;

    /// <summary>What it keeps from before, and tells whoever subscribes to it.</summary>
    public Dictionary<string, string> Kept { get; } = [];

    /// <summary>Somebody else publishes.</summary>
    public void Deliver(string topic, string payload, bool retain = false) =>
        _connected!.Hear(new(topic, Encoding.UTF8.GetBytes(payload), 1, retain));

    public void Deliver(string topic, byte[] payload) => _connected!.Hear(new(topic, payload, 1, false));

    public Task<string> Heard() => _heard.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));

    /// <summary>The next attempt to connect, and what came of it.</summary>
    public Task<string> Tried() => _tried.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));

    public async Task<string[]> Heard(int count)
    {
        var all = new string[count];
        for (var i = 0; i < count; i++)
        {
            all[i] = await Heard();
        }

        return all;
    }

    public IMqttClient CreateClient() => new FakeClient(this);

    public void Cut(MqttFault fault = MqttFault.Lost) => _connected?.End(new MqttException(fault, "cut"));

    private sealed class FakeClient(FakeBroker broker) : IMqttClient
    {
        private readonly TaskCompletionSource<MqttException?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public event Action<MqttMessage>? Received;

        public void Hear(MqttMessage message) => Received?.Invoke(message);

        public Task<MqttException?> Ended => _ended.Task;

        public BrokerLimits Limits => broker.Limits;

        public Task ConnectAsync(MqttOptions options, string clientId, MqttMessage? will, CancellationToken cancel)
        {
            broker.Will = will;
            broker._tried.Writer.TryWrite(broker.Down is { } fault ? fault.ToString() : clientId);
            if (broker.Down is { } down)
            {
                return Task.FromException(new MqttException(down, "down"));
            }

            broker._connected = this;
            lock (broker._filters)
            {
                broker._filters.Clear();
            }

            return Task.CompletedTask;
        }

        public async Task PublishAsync(MqttMessage message, CancellationToken cancel)
        {
            if (_ended.Task.IsCompleted)
            {
                throw new MqttException(MqttFault.Lost, "gone");
            }

            if (broker.CutsFor(message))
            {
                End(new MqttException(MqttFault.Lost, "cut"));
                if (message.Qos == 0)
                {
                    return; // it was written, and nobody knows more
                }
            }

            if (broker.IsMute || _ended.Task.IsCompleted)
            {
                await _ended.Task;
                throw new MqttException(MqttFault.Lost, "gone");
            }

            broker._heard.Writer.TryWrite(
                $"{message.Topic} {Encoding.UTF8.GetString(message.Payload.Span)} q{message.Qos}{(message.Retain ? " retained" : "")}");
        }

        public Task SubscribeAsync(string filter, int qos, CancellationToken cancel)
        {
            if (broker.Forbids(filter))
            {
                return Task.FromException(new MqttException(MqttFault.Auth, "not yours"));
            }

            lock (broker._filters)
            {
                broker._filters.Add(filter);
            }

            foreach (var (topic, payload) in broker.Kept.Where(kept => TopicFilter.Matches(filter, kept.Key)).ToArray())
            {
                Hear(new(topic, Encoding.UTF8.GetBytes(payload), 1, true));
            }

            return Task.CompletedTask;
        }

        public Task DisconnectAsync(CancellationToken cancel)
        {
            broker._heard.Writer.TryWrite("goodbye");
            End(null);
            return Task.CompletedTask;
        }

        public void End(MqttException? fault) => _ended.TrySetResult(fault);

        public ValueTask DisposeAsync()
        {
            End(new MqttException(MqttFault.Lost, "disposed"));
            return ValueTask.CompletedTask;
        }
    }
}
