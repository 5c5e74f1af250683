using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Publish.Events;
using ActionStream.Publish.Media;
using ActionStream.Publish.Mqtt.Messages;
using ActionStream.Publish.Mqtt.Sending;
using Microsoft.Extensions.Logging;

namespace ActionStream.Publish.EventRecordings;

/// <summary>Makes the recordings that go with events: notes the span of each, waits until its end is there, and has
/// it joined, one after the other.</summary>
/// <remarks>Decisions never wait for it. How much may be under way is bounded; what is too much is counted and left out.</remarks>
public sealed partial class EventRecorder
{
    /// <summary>Events that are open, or whose recording is to be made.</summary>
    internal const int Most = 64;

    /// <summary>How long after its time the last piece may come: cameras send key frames every few seconds.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Order> _orders = new(StringComparer.Ordinal);
    private readonly EventRecordingOptions _options;
    private readonly IRecordingBuffer _buffer;
    private readonly MediaStore _store;
    private readonly Outbox _outbox;
    private readonly Topics _topics;
    private readonly Payloads _payloads;
    private volatile Dictionary<string, string> _slugs; // by label
    private readonly EventRecordingMeter _meter;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly MediaLog _mediaLog;
    private volatile bool _isComplete;

    public EventRecorder(
        EventRecordingOptions options, IRecordingBuffer buffer, MediaStore store, ModelCard card, NodeIdentity node,
        Outbox outbox, Topics topics, EventRecordingMeter meter, TimeProvider time, ILogger<EventRecorder> log)
    {
        (_options, _buffer, _store, _outbox, _topics, _meter, _time, _log) = (options, buffer, store, outbox, topics, meter, time, log);
        (_payloads, _slugs, _mediaLog) = (new(node), Topics.SlugsByLabel(card.Labels), new("Recordings", time, log));
    }

    /// <summary>Another model's labels, beside those of events that are still being worked on.</summary>
    public void Use(ModelCard card)
    {
        var slugs = _slugs.ToDictionary(StringComparer.Ordinal);
        foreach (var (label, slug) in Topics.SlugsByLabel(card.Labels))
        {
            slugs[label] = slug;
        }

        _slugs = slugs;
    }

    /// <summary>Called when a recording is there.</summary>
    public Action<string, string>? OnMade { get; set; }

    /// <summary>One step of an event. The publisher calls them one after the other.</summary>
    /// <returns>Where its recording will be found; null before the event's end, and where there will be none.</returns>
    internal string? OnEvent(ActionEvent step)
    {
        lock (_lock)
        {
            return step.Type switch
            {
                EventType.Start => Begin(step),
                EventType.End => End(step),
                _ => null,
            };
        }
    }

    /// <summary>Makes recordings until <see cref="Complete"/>, and then what is left.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(LookEvery, _time);
        try
        {
            do
            {
                while (NextReady() is { } order)
                {
                    await MakeAsync(order, cancel);
                }
            }
            while (!IsAtEnd() && await timer.WaitForNextTickAsync(cancel));
        }
        finally
        {
            Leave();
        }
    }

    public void Complete() => _isComplete = true;

    private static string FileOf(ActionEvent step) => $"{step.Id}.mp4";

    private static string UrlOf(ActionEvent step) => $"/media/{step.Stream}/{FileOf(step)}";

    private string? Begin(ActionEvent step)
    {
        if (!_buffer.IsKept(step.Stream))
        {
            return null;
        }

        if (_orders.Count >= Most)
        {
            _meter.DroppedFull();
            return null;
        }

        // In the stream's own time: the step's decision is where the event stands now.
        var start = step.Decision.Presentation - step.Duration;
        var from = start - _options.PreRoll;
        _orders[step.Id] = new(step, start, new(step.Stream, step.Decision.Epoch, from, from + _options.Longest));
        return null;
    }

    private string? End(ActionEvent step)
    {
        if (!_orders.TryGetValue(step.Id, out var order))
        {
            return null;
        }

        order.IsOver = true;
        if (order.Result is { } result)
        {
            _orders.Remove(step.Id); // it was made when it was long enough
            return result is RecordingResult.Whole or RecordingResult.Partial ? UrlOf(step) : null;
        }

        var end = order.Start + step.Duration + _options.PostRoll;
        order.Span = order.Span with { To = end < order.Span.To ? end : order.Span.To };
        order.EndedAt = _time.GetTimestamp();
        return UrlOf(step);
    }

    // At the end all is asked for that is there: no more will come.
    private Order? NextReady()
    {
        Order[] open;
        lock (_lock)
        {
            open = [.. _orders.Values.Where(order => order.Result is null)];
        }

        // Looks on the disk, so without the lock: the publisher must not wait for one.
        return Array.Find(open, order => _isComplete || IsOverdue(order) || _buffer.IsComplete(order.Span));
    }

    private bool IsOverdue(Order order) =>
        order.EndedAt is { } ended && _time.GetElapsedTime(ended) > _options.PostRoll + Patience;

    private bool IsAtEnd()
    {
        lock (_lock)
        {
            return _isComplete && _orders.Values.All(order => order.Result is not null);
        }
    }

    private async Task MakeAsync(Order order, CancellationToken cancel)
    {
        var result = RecordingResult.Failed;
        try
        {
            var part = _store.PartOf(order.Step.Stream, FileOf(order.Step));
            result = await _buffer.JoinAsync(order.Span, part, cancel);
            if (result is RecordingResult.Whole or RecordingResult.Partial)
            {
                _store.Adopt(order.Step.Stream, FileOf(order.Step), _time.GetUtcNow());
                _mediaLog.Worked(order.Step.Stream);
                Tell(order.Step, result);
            }
            else
            {
                File.Delete(part); // what came of it
                LogNone(order.Step.Id, result);
            }
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            result = RecordingResult.Failed;
            _mediaLog.Failed(order.Step.Stream, order.Step.Id, failed);
        }

        _meter.Ended(result);
        lock (_lock)
        {
            order.Result = result;
            if (order.IsOver)
            {
                _orders.Remove(order.Step.Id);
            }
        }
    }

    private void Tell(ActionEvent step, RecordingResult result)
    {
        var url = UrlOf(step);
        _outbox.PostTransient(
            MessageKind.Recording, _topics.Recordings(step.Stream),
            _payloads.Recording(step, _slugs[step.Label], url, result is RecordingResult.Whole));
        OnMade?.Invoke(step.Id, url);
    }

    private void Leave()
    {
        lock (_lock)
        {
            foreach (var order in _orders.Values.Where(order => order.Result is null))
            {
                _meter.Stopped();
            }

            _orders.Clear();
        }
    }

    [LoggerMessage(LogLevel.Warning, "Event {Event} has no recording: {Result}")]
    private partial void LogNone(string @event, RecordingResult result);

    /// <summary>A recording to be made, and what became of it.</summary>
    /// <param name="start">The event's, in the stream's own time.</param>
    private sealed class Order(ActionEvent step, TimeSpan start, RecordingSpan span)
    {
        public ActionEvent Step { get; } = step;

        public TimeSpan Start { get; } = start;

        /// <summary>Ends where the longest one would, until the event's end is known.</summary>
        public RecordingSpan Span { get; set; } = span;

        public bool IsOver { get; set; }

        /// <summary>Time stamp of the event's end.</summary>
        public long? EndedAt { get; set; }

        public RecordingResult? Result { get; set; }
    }
}
