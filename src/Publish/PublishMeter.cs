using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ActionStream.Core.Configuration;
using ActionStream.Core.Stages;
using ActionStream.Publish.Events;

namespace ActionStream.Publish;

/// <summary>What the publisher reports: decisions, events, and how old an answer is when it is out.</summary>
internal sealed class PublishMeter
{
    private const int MostAnnounced = 50;

    private readonly Counter<long> _decisions;
    private readonly Counter<long> _late;
    private readonly Counter<long> _events;
    private readonly Histogram<double> _latency;
    private readonly ConcurrentDictionary<string, KeyValuePair<string, object?>> _cameras = new(StringComparer.Ordinal);
    private readonly KeyValuePair<string, object?>[] _types =
        [.. Enum.GetValues<EventType>().Select(type => new KeyValuePair<string, object?>("type", SettingName.Of(type.ToString())))];

    private long _eventCount;
    private long _detectionCount;
    private long _decisionCount;

    public PublishMeter(Meter meter)
    {
        _decisions = meter.CreateCounter<long>("actionstream.decisions", "{decision}", "Windows that were classified and smoothed.");
        _late = meter.CreateCounter<long>(
            "actionstream.decisions.ignored", "{decision}", "Answers that came out of order or from a connection already lost.");
        _events = meter.CreateCounter<long>("actionstream.events", "{event}", "Event messages by camera, label and type.");
        _latency = meter.CreateHistogram(
            "actionstream.pipeline.latency", "s",
            "Time from capture of a window's last frame until the broker had what was said about it, or until it was "
            + "decided that there is nothing to say.",
            null, Buckets.Latency);
    }

    public long EventCount => Interlocked.Read(ref _eventCount);

    public long DetectionCount => Interlocked.Read(ref _detectionCount);

    public long DecisionCount => Interlocked.Read(ref _decisionCount);

    public void KnowsCamera(string stream)
    {
        var camera = Tag(stream);
        _decisions.Add(0, camera);
        _late.Add(0, camera);
    }

    /// <summary>Its series begin at 0, so that the first event is an increase. Those of a model of hundreds of
    /// classes come with the first event of each.</summary>
    public void KnowsLabels(string stream, IReadOnlyCollection<string> labels)
    {
        foreach (var label in labels.Count <= MostAnnounced ? labels : [])
        {
            foreach (var type in _types)
            {
                _events.Add(0, Tag(stream), new("label", label), type);
            }
        }
    }

    public void Decided(in Decision decision)
    {
        Interlocked.Increment(ref _decisionCount);
        Interlocked.Add(ref _detectionCount, decision.Detected.Count);
        _decisions.Add(1, Tag(decision.Stream));
    }

    public void Ignored(string stream) => _late.Add(1, Tag(stream));

    public void OnEvent(ActionEvent step)
    {
        Interlocked.Increment(ref _eventCount);
        _events.Add(1, Tag(step.Stream), new("label", step.Label), _types[(int)step.Type]);
    }

    /// <summary>An event of a former process got its end.</summary>
    public void Repaired(string stream, string label)
    {
        Interlocked.Increment(ref _eventCount);
        _events.Add(1, Tag(stream), new("label", label), _types[(int)EventType.End]);
    }

    public void Reached(string stream, TimeSpan age) => _latency.Record(age.TotalSeconds, Tag(stream));

    private KeyValuePair<string, object?> Tag(string stream) => _cameras.GetOrAdd(stream, static camera => new("camera", camera));
}
