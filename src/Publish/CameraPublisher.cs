using ActionStream.Core.Results;
using ActionStream.Publish.Events;
using ActionStream.Publish.Mqtt;
using ActionStream.Publish.Mqtt.Messages;
using ActionStream.Publish.Mqtt.Sending;

namespace ActionStream.Publish;

/// <summary>One camera's topics and what stands on them: makes its messages and posts them to the outbox. Not thread-safe.</summary>
internal sealed partial class CameraPublisher
{
    private readonly PublishedStream _stream;
    private readonly Outbox _outbox;
    private readonly Topics _topics;
    private readonly Payloads _payloads;
    private readonly HomeAssistantDiscovery? _discovery;
    private readonly FrigateMirror? _mirror;
    private readonly IDecisionObserver[] _observers;
    private readonly ModelIdentity _model;
    private readonly string _eventTopic;
    private readonly string _scoresTopic;
    private readonly IReadOnlyDictionary<int, string> _slugs;
    private readonly Dictionary<string, MessageKind> _retained = new(StringComparer.Ordinal);
    private readonly MinuteLatency _latency = new();
    private StreamStatus? _status;
    private int _hopMultiplier = 1;
    private bool _isEnabled = true;
    private bool _hasModel = true;
    private long _eventSeq;

    /// <param name="discovery">Makes Home Assistant's documents; null where nobody wants them.</param>
    /// <param name="mirror">Makes events in Frigate's shape too; likewise.</param>
    /// <param name="former">The same camera before its settings were changed: counting goes on.</param>
    public CameraPublisher(
        PublishedStream stream, string bootId, Outbox outbox, Topics topics, Payloads payloads, Timeline timeline,
        HomeAssistantDiscovery? discovery, FrigateMirror? mirror, IDecisionObserver[] observers, CameraPublisher? former)
    {
        (_stream, _outbox, _topics, _payloads) = (stream, outbox, topics, payloads);
        (_discovery, _mirror, _observers) = (discovery, mirror, observers);
        Events = new(stream.Stream, stream.Model, stream.Events, timeline, bootId, stream.FirstEpoch, stream.Zones);
        _model = ModelIdentity.Of(stream.Model);
        _eventTopic = topics.Events(stream.Stream);
        _scoresTopic = topics.Scores(stream.Stream);
        var slugs = Topics.ClassSlugs(stream.Model.Labels);
        _slugs = Events.Classes.ToDictionary(label => label, label => slugs[label]);
        _scoresEvery = stream.Events.ScoresEvery;
        if (former is not null)
        {
            Counts = former.Counts;
        }

        _hasModel = former?._hasModel ?? true;
        if (former is not null && stream.GoesOn)
        {
            (_status, _hopMultiplier, _isEnabled) = (former._status, former._hopMultiplier, former._isEnabled);
            _last = ReferenceEquals(former._stream.Model, stream.Model) ? former._last : null;
        }
    }

    public StreamEvents Events { get; }

    public string Stream => _stream.Stream;

    public PublishedStream Settings => _stream;

    public StreamState State { get; private set; }

    public double Fps { get; private set; }

    public long Decisions { get; private set; }

    public IEnumerable<string> EventLabels => Events.Classes.Select(label => _stream.Model.Labels[label]);

    /// <summary>What readers tell a gap by; counts on when the camera is taken out of the configuration and comes back.</summary>
    public MessageCounts Counts
    {
        get => new(_eventSeq, _scoresSeq, Decisions);
        set => (_eventSeq, _scoresSeq, Decisions) = value;
    }

    /// <summary>Publishes all there is to know of a camera that has just begun: its OFF corrects a state left ON by a crash.</summary>
    public void Introduce(DateTimeOffset now)
    {
        var classes = Events.Classes.Select(label => new DiscoveryClass(_stream.Model.Labels[label], _slugs[label])).ToArray();
        var camera = new DiscoveryCamera(Stream, _stream.Name, _stream.Model.Name, _stream.HasSnapshots, classes);
        foreach (var (topic, payload) in _discovery?.Camera(camera) ?? [])
        {
            Retain(MessageKind.Discovery, topic, payload);
        }

        Publish(_status ?? new StreamStatus(Stream, StreamState.Connecting, null, now, 0), []);
        foreach (var slug in _slugs.Values)
        {
            PublishState(slug, isOn: false);
        }

        PublishEnabled(_isEnabled);
        foreach (var label in Events.Classes)
        {
            PublishThreshold(label);
        }

        ShowThresholds();
    }

    /// <summary>Removes everything retained, except what a successor publishes.</summary>
    public void Withdraw(CameraPublisher? successor)
    {
        foreach (var (topic, kind) in _retained)
        {
            if (successor?._retained.ContainsKey(topic) != true)
            {
                _outbox.Withdraw(kind, topic);
            }
        }

        foreach (var topic in _slugs.Values.Select(slug => _topics.Snapshot(Stream, slug)).Append(_topics.Snapshot(Stream)))
        {
            if (successor is null && _outbox.Holds(topic))
            {
                _outbox.Withdraw(MessageKind.Setting, topic); // whoever made the snapshot
            }
        }
    }

    public void PublishEnabled(bool isOn)
    {
        _isEnabled = isOn;
        Retain(MessageKind.Setting, _topics.Enabled(Stream), isOn ? Payloads.On : Payloads.Off);
    }

    /// <summary>False for a class that makes no events here.</summary>
    public bool SetThreshold(string classSlug, double enter)
    {
        foreach (var (label, slug) in _slugs)
        {
            if (slug == classSlug)
            {
                Events.SetEnter(label, enter);
                PublishThreshold(label);
                ShowThresholds();
                return true;
            }
        }

        return false;
    }

    private void ShowThresholds()
    {
        var enter = Events.Classes.ToDictionary(label => _stream.Model.Labels[label], label => Events.EnterOf(label) ?? 0);
        Array.ForEach(_observers, observer => observer.OnThresholds(Stream, enter));
    }

    public void Decided(in Decision decision)
    {
        Decisions++;
        _last = decision;
        _latency.Add(decision.Latency.Total);
    }

    /// <summary>Its part of the minute's summary.</summary>
    public CameraStats Stats() => new(Stream, State, Fps, Decisions, _latency.Take()) { IsAsleep = _status is { IsAsleep: true } };

    /// <summary>What became of a camera, and of its events with it.</summary>
    public void Publish(StreamStatus status, ICollection<ActionEvent> events)
    {
        (State, Fps) = (status.State, status.Fps);
        Events.Take(status, events);
        _status = status;
        PublishStatus();
    }

    /// <summary>A camera that is paused ends its events.</summary>
    public void Publish(StreamLoad load, ICollection<ActionEvent> events)
    {
        _hopMultiplier = load.HopMultiplier;
        if (_hopMultiplier == 0)
        {
            Events.Finish(EndReason.LoadShed, events);
        }

        PublishStatus();
    }

    /// <summary>A camera that nobody looks at does less than it should.</summary>
    public void PublishModel(bool isThere)
    {
        _hasModel = isThere;
        PublishStatus();
    }

    // What the camera itself suffers from goes before what the machine does to it.
    private void PublishStatus()
    {
        if (_status is { } status)
        {
            var hindrance = !_hasModel ? "no_model" : _hopMultiplier switch { 0 => "paused", 1 => null, _ => "load_shed" };
            var shown = status.State == StreamState.Online && hindrance is not null
                ? status with { State = StreamState.Degraded, Reason = hindrance }
                : status;
            Retain(MessageKind.CameraStatus, _topics.CameraStatus(Stream), _payloads.CameraStatus(shown));
            foreach (var observer in _observers)
            {
                observer.OnStatus(shown);
            }
        }
    }

    private void PublishState(string slug, bool isOn)
    {
        Retain(MessageKind.State, _topics.State(Stream, slug), isOn ? Payloads.On : Payloads.Off);
        if (_mirror is not null)
        {
            Retain(MessageKind.State, _mirror.CountTopic(Stream, slug), isOn ? "1"u8.ToArray() : "0"u8.ToArray());
        }
    }

    private void PublishThreshold(int label) => Retain(
        MessageKind.Setting, _topics.Threshold(Stream, _slugs[label]), Payloads.Number(Events.EnterOf(label) ?? 0));

    private void Retain(MessageKind kind, string topic, ReadOnlyMemory<byte> payload)
    {
        _retained[topic] = kind;
        _outbox.PostRetained(kind, topic, payload);
    }

    /// <param name="snapshots">What its snapshots are called, where some are made.</param>
    public void Publish(ActionEvent step, MediaNames? snapshots)
    {
        var seq = _eventSeq++;
        var slug = _slugs[step.LabelId];
        var message = _payloads.Event(step, slug, seq, _model, snapshots);
        PostEvent(
            _eventTopic, message, new(step.Id, step.Type),
            step.Reason is null or EndReason.Score or EndReason.LoadShed ? step.Decision.Time : null);
        if (step.Type is not EventType.Update)
        {
            PublishState(slug, step.Type is EventType.Start);
        }
    }

    /// <summary>Ends an event that began before the service died.</summary>
    public void Publish(CrashEnd end, string bootId)
    {
        PostEvent(end.Topic, end.Payload(_eventSeq++, bootId), new(end.EventId, EventType.End), null);
    }

    private void PostEvent(string topic, ReadOnlyMemory<byte> message, EventMark mark, DecisionTime? decision)
    {
        if (_mirror is not null)
        {
            // Its mark is of an end, so that a crash is repaired once, in our own topic, which comes by here again.
            _outbox.PostEvent(_mirror.EventTopic, _mirror.Event(message), new($"frigate/{mark.Id}", EventType.End));
        }

        _outbox.PostEvent(topic, message, mark, decision);
    }
}
