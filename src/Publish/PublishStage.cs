using System.Diagnostics.Metrics;
using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.Publish.EventRecordings;
using ActionStream.Publish.Events;
using ActionStream.Publish.Mqtt;
using ActionStream.Publish.Mqtt.Messages;
using ActionStream.Publish.Mqtt.Receiving;
using ActionStream.Publish.Mqtt.Sending;
using ActionStream.Publish.Snapshots;
using Microsoft.Extensions.Logging;

namespace ActionStream.Publish;

/// <summary>Scores in, messages out: smooths, decides, and has each camera's publisher post it. The last stage; waits for nobody.</summary>
/// <remarks>
/// Per stream it keeps a <see cref="CameraPublisher"/>, which makes messages of decisions; the <see cref="Outbox"/> holds them until
/// the <see cref="MqttLink"/> has sent them. Camera states come in beside the scores, through <see cref="IProgress{T}"/>, from any thread.
/// </remarks>
public sealed partial class PublishStage : IStage, IProgress<StreamStatus>, IProgress<StreamLoad>, IProgress<ModelStatus>, ICommandTarget
{
    /// <summary>How long a goodbye may take.</summary>
    public static readonly TimeSpan GoodbyeLimit = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan AliveEvery = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan StatsEvery = TimeSpan.FromSeconds(60);

    private readonly Lock _lock = new();
    private readonly StageChannel<ClipScores> _scores;
    private readonly StageMeter _stage;
    private readonly PublishMeter _meter;
    private readonly IDecisionObserver[] _observers;
    private readonly ICameraControls? _controls;
    private readonly MqttLink _link;
    private readonly Outbox _outbox;
    private readonly Topics _topics;
    private readonly Payloads _payloads;
    private readonly TimeProvider _time;
    private readonly ILogger<PublishStage> _log;
    private readonly Timeline _timeline;
    private readonly DateTimeOffset _started;
    private readonly NodeIdentity _node;
    private readonly HomeAssistantDiscovery? _discovery;
    private readonly FrigateMirror? _mirror;
    private readonly StaleTopicCleaner _cleaner;
    private readonly Dictionary<string, CameraPublisher> _publishers = new(StringComparer.Ordinal);
    private readonly List<ActionEvent> _events = [];
    private TimeSpan _aliveAt;

    /// <param name="observers">Called in this order.</param>
    /// <param name="controls">Null where cameras can be neither switched nor asked for snapshots.</param>
    public PublishStage(
        StageChannel<ClipScores> scores, IReadOnlyList<PublishedStream> streams, NodeIdentity node, MqttLink link,
        StageMeter stage, Meter meter, TimeProvider time, ILogger<PublishStage> log,
        IReadOnlyList<IDecisionObserver>? observers = null, ICameraControls? controls = null)
    {
        (_observers, _controls) = ([.. observers ?? []], controls);
        (_scores, _stage, _time, _log) = (scores, stage, time, log);
        (_link, _outbox, _topics) = (link, link.Outbox, link.Topics);
        _timeline = new(time);
        _started = time.GetUtcNow();
        (_node, _payloads, _meter, _modelStatus) = (node, new(node), new(meter), new(ModelState.Ready, node.Device));
        _discovery = link.Options.Discovery.Enabled ? new(link.Options.Discovery, node, _topics) : null;
        _mirror = link.Options.FrigatePrefix is { Length: > 0 } prefix ? new(prefix) : null;
        _cleaner = new(_outbox, link.Subscriptions, _topics, link.Options.Discovery, node.Node);
        _outbox.Sent = decision => _meter.Reached(decision.Stream, _timeline.Now - decision.CapturedAt);
        Introduce(streams);
        _cleaner.Start();
        var commands = new Commands(_topics, this, meter, time, log);
        foreach (var filter in _topics.AllCommands)
        {
            link.Subscriptions.Subscribe(filter, commands.Take);
        }

        link.Subscriptions.Subscribe(HomeAssistantDiscovery.BirthOf(link.Options.Discovery), OnHomeAssistantOnline);
    }

    /// <summary>Who makes snapshots of events; null where nobody does.</summary>
    public EventSnapshots? Snapshots { get; init; }

    /// <summary>Who makes recordings of events; null where nobody does.</summary>
    public EventRecorder? Recorder { get; init; }

    public long Decisions => _meter.DecisionCount;

    /// <summary>Labels past their threshold, summed over all decisions.</summary>
    public long Detections => _meter.DetectionCount;

    /// <summary>Event messages: starts, updates and ends.</summary>
    public long Events => _meter.EventCount;

    public async Task RunAsync(CancellationToken cancel)
    {
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var link = _link.RunAsync(leave.Token);
        var stats = ReportStatsAsync(leave.Token);
        _ = link.ContinueWith(_ => leave.Cancel(), cancel, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        try
        {
            await foreach (var answer in _scores.Reader.ReadAllAsync(leave.Token))
            {
                if (answer.Passed is { } passed)
                {
                    passed();
                    continue;
                }

                using (answer)
                {
                    Take(answer);
                }
            }
        }
        catch (OperationCanceledException) when (link.IsFaulted)
        {
            // Thrown below: a fault of ours, not of the broker.
        }
        finally
        {
            if (!leave.IsCancellationRequested)
            {
                PublishOffline();
                await link.WaitAsync(GoodbyeLimit, _time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (!link.IsCompleted)
                {
                    LogCutShort(GoodbyeLimit);
                }
            }

            await leave.CancelAsync();
            await Task.WhenAll(link, stats).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (link.IsFaulted)
        {
            await link;
        }
    }

    /// <summary>Takes the latest status of one camera.</summary>
    public void Report(StreamStatus value)
    {
        lock (_lock)
        {
            if (_publishers.TryGetValue(value.Stream, out var publisher))
            {
                _events.Clear();
                publisher.Publish(value, _events);
                Publish(publisher);
            }
        }
    }

    /// <summary>A camera is to do less, or need not any more.</summary>
    public void Report(StreamLoad value)
    {
        lock (_lock)
        {
            if (_publishers.TryGetValue(value.Stream, out var publisher))
            {
                _events.Clear();
                publisher.Publish(value, _events);
                Publish(publisher);
            }
        }
    }

    private void Take(in ClipScores answer)
    {
        var taken = _time.GetTimestamp();
        lock (_lock)
        {
            _events.Clear();
            if (!_publishers.TryGetValue(answer.Stream, out var publisher)
                || publisher.Events.Update(answer, taken, _link.Meter.LastPublish, _events) is not { } decision)
            {
                _meter.Ignored(answer.Stream);
                return;
            }

            Snapshots?.OnFrame(publisher.Events, answer.Clip);
            _meter.Decided(decision);
            publisher.Decided(decision);
            foreach (var observer in _observers)
            {
                observer.OnScores(decision, answer, publisher.Settings.Model);
            }

            var isTold = _events.Count > 0;
            Publish(publisher);
            if (!publisher.PublishScores(decision, isTold) && !isTold)
            {
                _meter.Reached(answer.Stream, _timeline.Now - decision.CapturedAt);
            }

            if (_timeline.Now - _aliveAt >= AliveEvery && publisher.Events.OpenEvents > 0)
            {
                _aliveAt = _timeline.Now;
                _outbox.Alive();
            }

            foreach (var observer in _observers)
            {
                observer.OnDecision(decision);
            }
        }

        _stage.Finished(_time.GetElapsedTime(taken));
    }

    private void Publish(CameraPublisher publisher)
    {
        foreach (var step in _events)
        {
            var clip = Recorder?.OnEvent(step);
            var media = Snapshots?.NamesOf(step) is { } names ? names with { ClipUrl = clip } : null;
            publisher.Publish(step, media);
            Snapshots?.OnEvent(step);
            _meter.OnEvent(step);
            foreach (var observer in _observers)
            {
                observer.OnEvent(step, media);
            }
        }

        foreach (var miss in publisher.Events.TakeNearMisses())
        {
            foreach (var observer in _observers)
            {
                observer.OnNearMiss(miss);
            }
        }
    }

    private void PublishOffline()
    {
        lock (_lock)
        {
            foreach (var publisher in _publishers.Values)
            {
                _events.Clear();
                publisher.Events.Finish(EndReason.Stopped, _events);
                Publish(publisher);
            }

            PublishMirrorStatus(Payloads.Offline);
            _outbox.PostRetained(MessageKind.NodeStatus, _topics.NodeStatus, Payloads.Offline);
        }

        _link.Stop();
    }

    private async Task ReportStatsAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(StatsEvery, _time);
        while (await timer.WaitForNextTickAsync(cancel))
        {
            _outbox.PostTransient(MessageKind.Stats, _topics.NodeStats, _payloads.NodeStats(Stats()));
            if (!_link.IsRetaining)
            {
                _outbox.Republish(withSnapshots: false); // for whoever has come since
            }
        }
    }

    private NodeStats Stats()
    {
        lock (_lock)
        {
            return new(
                _time.GetUtcNow(),
                _timeline.Now,
                Decisions,
                Events,
                _publishers.Values.Sum(publisher => publisher.Events.OpenEvents),
                Enum.GetValues<MessageKind>().Sum(_link.Meter.Published),
                _link.Meter.DroppedEvents,
                [.. _publishers.Values.Select(publisher => publisher.Stats())]);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The broker did not take the last messages within {Limit}; leaving without them")]
    private partial void LogCutShort(TimeSpan limit);
}
