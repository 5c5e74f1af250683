using ActionStream.Core.Results;
using ActionStream.Publish.Mqtt;
using ActionStream.Publish.Pictures;
using ActionStream.Publish.Rolling;

namespace ActionStream.Publish;

/// <summary>One camera's topics and what was last said on them. Its owner takes turns.</summary>
internal sealed class StreamVoice
{
    private readonly PublishedStream _stream;
    private readonly MqttLink _link;
    private readonly Payloads _payloads;
    private readonly ModelIdentity _model;
    private readonly string _eventTopic;
    private readonly string _scoresTopic;
    private readonly string _statusTopic;
    private readonly Dictionary<int, string> _stateTopics;
    private readonly TimeSpan? _scoresEvery;
    private StreamStatus? _status;
    private int _stretch = 1;
    private TimeSpan? _scoresSaidAt;
    private long _eventSeq;
    private long _scoresSeq;

    public StreamVoice(PublishedStream stream, string bootId, MqttLink link, Payloads payloads, Timeline timeline)
    {
        (_stream, _link, _payloads) = (stream, link, payloads);
        Rolling = new(stream.Stream, stream.Model, stream.Events, timeline, bootId);
        _model = ModelIdentity.Of(stream.Model);
        _eventTopic = link.Topics.Events(stream.Stream);
        _scoresTopic = link.Topics.Scores(stream.Stream);
        _statusTopic = link.Topics.CameraStatus(stream.Stream);
        var slugs = Topics.ClassSlugs(stream.Model.Labels);
        _stateTopics = Rolling.Classes.ToDictionary(label => label, label => link.Topics.State(stream.Stream, slugs[label]));
        _scoresEvery = stream.Events.ScoresEvery;
    }

    /// <summary>Hears what the status topic says.</summary>
    public Action<StreamStatus>? OnStatus { get; init; }

    public RollingStream Rolling { get; }

    public string Stream => _stream.Stream;

    public StreamState State { get; private set; }

    public double Fps { get; private set; }

    public long Decisions { get; set; }

    public IEnumerable<string> EventLabels => _stateTopics.Keys.Select(label => _stream.Model.Labels[label]);

    public void Introduce(DateTimeOffset now)
    {
        Say(new StreamStatus(Stream, StreamState.Connecting, null, now, 0), []);
        foreach (var topic in _stateTopics.Values)
        {
            _link.PostRetained(MessageKind.State, topic, Payloads.Off);
        }
    }

    /// <summary>What became of a camera, and of its events with it.</summary>
    public void Say(StreamStatus status, ICollection<ActionEvent> events)
    {
        (State, Fps) = (status.State, status.Fps);
        Rolling.Take(status, events);
        _status = status;
        SayStatus();
    }

    /// <summary>A camera that is paused has no more to say about what it saw.</summary>
    public void Say(StreamLoad load, ICollection<ActionEvent> events)
    {
        _stretch = load.Stretch;
        if (_stretch == 0)
        {
            Rolling.Finish(EndReason.LoadShed, events);
        }

        SayStatus();
    }

    // What the camera itself suffers from goes before what the machine does to it.
    private void SayStatus()
    {
        if (_status is { } status)
        {
            var shown = status.State == StreamState.Online && _stretch != 1
                ? status with { State = StreamState.Degraded, Reason = _stretch == 0 ? "paused" : "load_shed" }
                : status;
            _link.PostRetained(MessageKind.CameraStatus, _statusTopic, _payloads.CameraStatus(shown));
            OnStatus?.Invoke(shown);
        }
    }

    /// <param name="pictures">What its pictures are called, where some are made.</param>
    public void Say(ActionEvent step, PictureNames? pictures)
    {
        var seq = _eventSeq++;
        _link.PostEvent(
            _eventTopic, _payloads.Event(step, seq, _model, isLate: false, pictures), () => _payloads.Event(step, seq, _model, isLate: true, pictures),
            step.Reason is EndReason.StreamLost or EndReason.PictureLost or EndReason.Stopped ? null : step.Decision.Time);
        if (step.Type is not EventType.Update)
        {
            _link.PostRetained(MessageKind.State, _stateTopics[step.LabelId], step.Type is EventType.Start ? Payloads.On : Payloads.Off);
        }
    }

    /// <summary>True if the scores of this decision are published.</summary>
    /// <param name="isTold">True if an event has told of it already: each decision is timed once.</param>
    public bool SayScores(in RollingDetection decision, bool isTold)
    {
        if (_scoresEvery is not { } every || (_scoresSaidAt is { } said && decision.CapturedAt - said < every))
        {
            return false;
        }

        _scoresSaidAt = decision.CapturedAt;
        _link.PostPassing(MessageKind.Scores, _scoresTopic, _payloads.Scores(decision, _scoresSeq++, _model), isTold ? null : decision.Time, isLent: true);
        return true;
    }
}
