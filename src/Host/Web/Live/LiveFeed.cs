using System.Collections.Concurrent;
using System.Threading.Channels;
using ActionStream.Core.Results;
using ActionStream.Host.Configuration;
using ActionStream.Publish;
using ActionStream.Publish.Events;

namespace ActionStream.Host.Web.Live;

/// <summary>What is known of all cameras, told to every browser as it changes.</summary>
/// <remarks>
/// A browser that does not keep up with a few hundred messages is cut off: it comes back by itself and is told the state
/// anew. So nobody waits for it, and it never shows half a story.
/// </remarks>
internal sealed class LiveFeed(string node, string version, TimeProvider time, LiveMeter meter) : IDecisionObserver
{
    private const int Backlog = 256;
    private const int EventsKept = 60;
    private static readonly TimeSpan ScoresEvery = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<Channel<ReadOnlyMemory<byte>>, bool> _clients = new();
    private readonly Dictionary<string, LiveCameraState> _cameras = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyDictionary<string, double>> _thresholds = new(StringComparer.Ordinal);
    private readonly List<string> _order = [];
    private readonly Dictionary<string, long> _scoresAt = new(StringComparer.Ordinal);
    private readonly LinkedList<LiveEvent> _events = new();
    private LiveModel? _model;

    /// <summary>The model is there.</summary>
    public void Show(LiveModel model)
    {
        lock (_lock)
        {
            _model = model;
            Start();
        }
    }

    /// <summary>A camera is there, or its name or threshold changed.</summary>
    public void Show(string key, string name, double enter)
    {
        lock (_lock)
        {
            if (!_cameras.TryGetValue(key, out var known))
            {
                _order.Add(key);
                known = new(key, name, enter, StreamState.Connecting, null, time.GetUtcNow().ToUnixTimeMilliseconds(), 0);
            }

            _cameras[key] = Marked(known with { Name = name, Enter = enter });
            Start();
        }
    }

    /// <summary>They may come before their camera is shown.</summary>
    public void OnThresholds(string stream, IReadOnlyDictionary<string, double> enter)
    {
        lock (_lock)
        {
            _thresholds[stream] = enter;
            if (_cameras.TryGetValue(stream, out var known))
            {
                Send("status", _cameras[stream] = Marked(known));
            }
        }
    }

    /// <summary>A camera is gone.</summary>
    public void Remove(string key)
    {
        lock (_lock)
        {
            if (_cameras.Remove(key))
            {
                _order.Remove(key);
                _scoresAt.Remove(key);
                _thresholds.Remove(key);
                Start();
            }
        }
    }

    public bool Knows(string camera)
    {
        lock (_lock)
        {
            return _cameras.ContainsKey(camera);
        }
    }

    public void OnStatus(StreamStatus status)
    {
        lock (_lock)
        {
            if (_cameras.TryGetValue(status.Stream, out var known))
            {
                var now = known with
                {
                    State = status.State,
                    Reason = status.Reason,
                    Since = status.Since.ToUnixTimeMilliseconds(),
                    Fps = Math.Round(status.Fps, 1),
                    Asleep = status.IsAsleep,
                    SleepSince = status.Sleep?.Since.ToUnixTimeMilliseconds(),
                    AwakeBecause = status.Sleep?.AwakeBecause ?? [],
                    WokenBy = status.Sleep?.WokenBy ?? [],
                };
                _cameras[status.Stream] = now;
                Send("status", now);
            }
        }
    }

    /// <summary>Costs nothing while nobody looks.</summary>
    public void OnDecision(in Decision decision)
    {
        if (_clients.IsEmpty)
        {
            return;
        }

        lock (_lock)
        {
            var now = time.GetTimestamp();
            if (!_scoresAt.TryGetValue(decision.Stream, out var last) || time.GetElapsedTime(last, now) >= ScoresEvery)
            {
                _scoresAt[decision.Stream] = now;
                Send("scores", LiveScores.Of(decision));
            }
        }
    }

    public void OnEvent(ActionEvent step)
    {
        lock (_lock)
        {
            var told = LiveEvent.Of(step, time.GetUtcNow());
            Replace(told.Id, before => told with { SnapshotUrl = before?.SnapshotUrl, ContactSheetUrl = before?.ContactSheetUrl }, "event");
        }
    }

    /// <summary>The frames of an event are there.</summary>
    public void OnSnapshots(string id, string? snapshotUrl, string? contactSheetUrl)
    {
        lock (_lock)
        {
            if (Find(id) is not null)
            {
                Replace(id, before => before! with { SnapshotUrl = snapshotUrl, ContactSheetUrl = contactSheetUrl }, "snapshot");
            }
        }
    }

    /// <summary>Tells a browser everything, then every change, until it leaves or falls behind.</summary>
    public async Task WriteAsync(Stream to, CancellationToken cancel)
    {
        var client = Channel.CreateBounded<ReadOnlyMemory<byte>>(new BoundedChannelOptions(Backlog) { SingleReader = true });
        lock (_lock)
        {
            client.Writer.TryWrite(Hello());
            _clients[client] = true;
        }

        meter.Came();
        try
        {
            using var beat = new PeriodicTimer(TimeSpan.FromSeconds(15), time);
            var beating = beat.WaitForNextTickAsync(cancel).AsTask();
            var reading = client.Reader.WaitToReadAsync(cancel).AsTask();
            while (true)
            {
                if (await Task.WhenAny(reading, beating) == beating)
                {
                    await beating;
                    beating = beat.WaitForNextTickAsync(cancel).AsTask();
                    await to.WriteAsync(LiveMessages.Heartbeat, cancel);
                }
                else if (!await reading)
                {
                    return; // fell behind
                }
                else
                {
                    while (client.Reader.TryRead(out var message))
                    {
                        await to.WriteAsync(message, cancel);
                    }

                    reading = client.Reader.WaitToReadAsync(cancel).AsTask();
                }

                await to.FlushAsync(cancel);
            }
        }
        finally
        {
            _clients.TryRemove(client, out _);
            meter.Left();
        }
    }

    private ReadOnlyMemory<byte> Hello() => LiveMessages.Of(
        "hello",
        new LiveHello(
            node, version, time.GetUtcNow().ToUnixTimeMilliseconds(), LocalZone.Name(time), _model,
            [.. _order.Select(key => _cameras[key])], [.. _events]));

    private LiveCameraState Marked(LiveCameraState camera) => _thresholds.GetValueOrDefault(camera.Key) is { Count: > 0 } enter
        ? camera with { Thresholds = enter, Enter = enter.Values.Min() }
        : camera;

    private void Start()
    {
        if (!_clients.IsEmpty)
        {
            Send(Hello());
        }
    }

    private LinkedListNode<LiveEvent>? Find(string id)
    {
        for (var node = _events.Last; node is not null; node = node.Previous)
        {
            if (node.Value.Id == id)
            {
                return node;
            }
        }

        return null;
    }

    private void Replace(string id, Func<LiveEvent?, LiveEvent> change, string message)
    {
        var before = Find(id);
        var now = change(before?.Value);
        if (before is not null)
        {
            before.Value = now;
        }
        else
        {
            _events.AddLast(now);
            if (_events.Count > EventsKept)
            {
                _events.RemoveFirst();
            }
        }

        Send(message, now);
    }

    private void Send<T>(string name, T content)
    {
        if (!_clients.IsEmpty)
        {
            Send(LiveMessages.Of(name, content));
        }
    }

    private void Send(ReadOnlyMemory<byte> message)
    {
        foreach (var client in _clients.Keys)
        {
            if (!client.Writer.TryWrite(message) && _clients.TryRemove(client, out _))
            {
                client.Writer.TryComplete();
                meter.Cut();
            }
        }
    }
}
