using System.Text.Json;
using ActionStream.Publish.Mqtt.Client;

namespace ActionStream.Cli.Demo;

/// <summary>A subscriber like any other: counts what arrives and how old it is.</summary>
internal sealed class DemoListener : IAsyncDisposable
{
    private readonly IMqttClient _client;
    private readonly Lock _lock = new();
    private readonly List<double> _latencies = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _received;

    private DemoListener(IMqttClient client) => _client = client;

    public long Received => Interlocked.Read(ref _received);

    /// <summary>One per score message: from the capture of its window's last frame until it was here.</summary>
    public IReadOnlyList<double> LatenciesMs
    {
        get
        {
            lock (_lock)
            {
                return [.. _latencies];
            }
        }
    }

    public static async Task<DemoListener> StartAsync(EmbeddedBroker broker, CancellationToken cancel)
    {
        var client = new MqttNetClient();
        var listener = new DemoListener(client);
        client.Received += listener.Take;
        await client.ConnectAsync(
            new MqttOptions { Host = EmbeddedBroker.Host, Port = broker.Port }, "actionstream-demo-listener", null, cancel);
        await client.SubscribeAsync("actionstream/#", 1, cancel);
        return listener;
    }

    /// <summary>Waits until so many have arrived, or patience ends.</summary>
    public async Task HaveReceivedAsync(long count, TimeSpan patience)
    {
        using var end = new CancellationTokenSource(patience);
        while (Received < count)
        {
            var more = Volatile.Read(ref _more);
            if (Received >= count)
            {
                return;
            }

            await more.Task.WaitAsync(end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (end.IsCancellationRequested)
            {
                return;
            }
        }
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private void Take(MqttMessage message)
    {
        if (message.Topic.EndsWith("/scores", StringComparison.Ordinal))
        {
            var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
            using var scores = JsonDocument.Parse(message.Payload);
            var end = scores.RootElement.GetProperty("window").GetProperty("end").GetDouble();
            lock (_lock)
            {
                _latencies.Add(now - end * 1000);
            }
        }

        Interlocked.Increment(ref _received);
        Interlocked.Exchange(ref _more, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }
}
