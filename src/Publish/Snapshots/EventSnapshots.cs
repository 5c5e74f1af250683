using System.Threading.Channels;
using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Publish.Events;
using ActionStream.Publish.Media;
using ActionStream.Publish.Mqtt.Messages;
using ActionStream.Publish.Mqtt.Sending;
using Microsoft.Extensions.Logging;

namespace ActionStream.Publish.Snapshots;

/// <summary>Makes the snapshots that go with events: holds the clip of each peak, draws on a task of its own,
/// keeps and publishes what it drew.</summary>
/// <remarks>Decisions never wait for a snapshot: orders stand in a short queue, and the oldest is dropped.</remarks>
public sealed class EventSnapshots : IDisposable
{
    private const int MostOrders = 32;
    private static readonly TimeSpan TrimEvery = TimeSpan.FromMinutes(1);

    private readonly MediaOptions _options;
    private readonly Outbox _outbox;
    private readonly Topics _topics;
    private readonly MediaStore? _store;
    private readonly SnapshotMeter _meter;
    private readonly TimeProvider _time;
    private readonly MediaLog _log;
    private volatile Dictionary<string, string> _slugs; // by label
    private readonly Dictionary<string, BestClipTracker> _peaks = new(StringComparer.Ordinal);
    private readonly Channel<Order> _orders;

    public EventSnapshots(MediaOptions options, ModelCard card, Outbox outbox, Topics topics, SnapshotMeter meter, TimeProvider time,
        ILogger<EventSnapshots> log)
    {
        (_options, _outbox, _topics, _meter, _time, _log) = (options, outbox, topics, meter, time, new("Snapshots", time, log));
        _slugs = Topics.SlugsByLabel(card.Labels);
        _store = options.HasFolder ? new(options.Path, options.Keep, options.Bytes) : null;
        if (_store?.Problem is { } problem)
        {
            _log.Failed(MediaLog.Any, "those of a former run", new IOException(problem));
        }

        Trim();
        _meter.Observe(() => _store?.Bytes ?? 0);
        _orders = Channel.CreateBounded<Order>(
            new BoundedChannelOptions(MostOrders) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            order =>
            {
                _meter.Dropped();
                order.Clip.Dispose();
            });
    }

    /// <summary>Called when an event's snapshots are there, or better ones.</summary>
    public Action<string, MediaNames>? OnMade { get; set; }

    /// <summary>Where kept snapshots are found; null if none are.</summary>
    public MediaStore? Store => _store;

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

    /// <summary>One decision and the clip behind it. The publisher calls them one after the other.</summary>
    internal void OnFrame(StreamEvents events, Clip? clip)
    {
        if (clip is not null)
        {
            if (!_peaks.TryGetValue(events.Stream, out var peaks))
            {
                _peaks[events.Stream] = peaks = new();
            }

            peaks.OnFrame(events.Tracked, clip);
        }
    }

    /// <summary>One step of an event, after the decision that brought it.</summary>
    internal void OnEvent(ActionEvent step)
    {
        if (_peaks.TryGetValue(step.Stream, out var peaks) && peaks.Take(step.LabelId, step.Type) is { } clip)
        {
            _orders.Writer.TryWrite(new(step, clip));
        }
    }

    /// <summary>The camera went, or begins anew: lets go of what was held for events that never came.</summary>
    internal void Forget(string stream)
    {
        if (_peaks.Remove(stream, out var peaks))
        {
            peaks.Dispose();
        }

        _store?.Dismiss(stream);
    }

    /// <summary>What an event's messages call its snapshots; none where it is known that they cannot be kept.</summary>
    internal MediaNames NamesOf(ActionEvent step)
    {
        var isKept = _store is not null && _store.ProblemOf(step.Stream) is null;
        return new(
            _options.Mqtt ? _topics.Snapshot(step.Stream, _slugs[step.Label]) : null,
            isKept && _options.Snapshots ? $"/media/{step.Stream}/{step.Id}.jpg" : null,
            isKept && _options.ContactSheets ? $"/media/{step.Stream}/{step.Id}-frames.jpg" : null);
    }

    /// <summary>Publishes a snapshot that somebody asked for.</summary>
    public void Publish(string camera, ReadOnlyMemory<byte> jpeg) =>
        _outbox.PostRetained(MessageKind.Snapshot, _topics.Snapshot(camera), jpeg);

    /// <summary>Draws until <see cref="Complete"/>, and then what is left.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var jpeg = new JpegEncoder(_options.Quality);
        using var timer = new PeriodicTimer(TrimEvery, _time);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var trimming = TrimAsync(timer, done.Token);
        try
        {
            await foreach (var order in _orders.Reader.ReadAllAsync(cancel))
            {
                using (order.Clip)
                {
                    Draw(order, jpeg);
                }
            }
        }
        finally
        {
            await done.CancelAsync();
            await trimming.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Complete() => _orders.Writer.TryComplete();

    public void Dispose()
    {
        Complete();
        while (_orders.Reader.TryRead(out var order))
        {
            order.Clip.Dispose();
        }

        foreach (var peaks in _peaks.Values)
        {
            peaks.Dispose();
        }
    }

    private void Draw(Order order, JpegEncoder jpeg)
    {
        var (step, clip) = order;
        try
        {
            if (_options.Snapshots)
            {
                // The middle: the score of a window is highest when the action fills it.
                var snapshot = jpeg.Encode(clip.Frame(clip.Length / 2), clip.Size);
                if (_options.Mqtt)
                {
                    _outbox.PostRetained(MessageKind.Snapshot, _topics.Snapshot(step.Stream, _slugs[step.Label]), snapshot);
                    Publish(step.Stream, snapshot);
                }

                _store?.Save(step.Stream, $"{step.Id}.jpg", snapshot, _time.GetUtcNow());
                _meter.Made();
            }

            if (_options.ContactSheets && _store is not null)
            {
                var (pixels, size) = ContactSheet.Of(clip);
                _store.Save(step.Stream, $"{step.Id}-frames.jpg", jpeg.Encode(pixels, size), _time.GetUtcNow());
                _meter.Made();
            }

            _log.Worked(step.Stream);
            OnMade?.Invoke(step.Id, NamesOf(step));
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            _meter.Failed();
            _log.Failed(step.Stream, step.Id, failed);
        }
    }

    private async Task TrimAsync(PeriodicTimer timer, CancellationToken cancel)
    {
        while (await timer.WaitForNextTickAsync(cancel))
        {
            Trim();
        }
    }

    private void Trim()
    {
        if (_store is not null)
        {
            _log.OldOnesLeft(_store.Trim(_time.GetUtcNow()));
        }
    }

    private readonly record struct Order(ActionEvent Step, Clip Clip);
}
