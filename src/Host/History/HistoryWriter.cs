using System.Buffers;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using ActionStream.Core.Modelling;
using ActionStream.Core.Results;
using ActionStream.Publish;
using ActionStream.Publish.Events;
using ActionStream.Publish.Mqtt.Messages;
using Microsoft.Extensions.Logging;

namespace ActionStream.Host.History;

/// <summary>Remembers decisions and events: takes them from the publisher in passing, writes them once a second beside it.</summary>
/// <remarks>The publisher never waits: what the queue does not hold is dropped and counted.</remarks>
internal sealed class HistoryWriter : IDecisionObserver, IAsyncDisposable
{
    /// <summary>Some minutes of eight cameras, or a second of a thousand.</summary>
    internal const int MostWaiting = 8192;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time;
    private readonly HistoryMeter _meter;
    private readonly HistoryKeeper _keeper;
    private readonly Channel<HistoryEntry> _queue;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, Seen> _seen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyDictionary<string, double>> _thresholds = new(StringComparer.Ordinal);
    private readonly Task _writing;

    public HistoryWriter(HistoryOptions options, Meter meter, TimeProvider time, ILogger<HistoryWriter> log)
    {
        _time = time;
        HistoryKeeper? keeper = null;
        _meter = new(meter, () => keeper?.Bytes ?? 0, () => keeper?.Problem is null);
        _keeper = keeper = new(options, _meter, time, log);
        _queue = Channel.CreateBounded<HistoryEntry>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>What hinders it; null if nothing does.</summary>
    public string? Problem => _keeper.Problem;

    /// <inheritdoc />
    public void OnScores(in Decision decision, in ClipScores scores, ModelCard model)
    {
        var (epoch, segment) = (scores.Time.Epoch, scores.Time.Segment);
        var begins = !_seen.TryGetValue(decision.Stream, out var seen) || seen.Epoch != epoch || seen.Segment != segment
            || !ReferenceEquals(seen.Model, model);
        if (begins)
        {
            _seen[decision.Stream] = new(model, epoch, segment);
        }

        var bytes = ArrayPool<byte>.Shared.Rent(model.Labels.Count);
        for (var i = 0; i < model.Labels.Count; i++)
        {
            bytes[i] = i < scores.Values.Length ? ScoreBlock.ToByte(scores.Values[i]) : (byte)0;
        }

        Offer(new(decision.Stream, model, decision.End.ToUnixTimeMilliseconds()) { Scores = bytes, Begins = begins });
    }

    /// <inheritdoc />
    public void OnEvent(ActionEvent step, MediaNames? media)
    {
        if (_seen.TryGetValue(step.Stream, out var seen))
        {
            double? threshold = _thresholds.GetValueOrDefault(step.Stream)?.TryGetValue(step.Label, out var enter) == true ? enter : null;
            Offer(new(step.Stream, seen.Model, _time.GetUtcNow().ToUnixTimeMilliseconds())
            {
                Step = step,
                Media = media,
                Threshold = threshold,
            });
        }
    }

    /// <inheritdoc />
    public void OnNearMiss(NearMiss miss)
    {
        if (_seen.TryGetValue(miss.Stream, out var seen))
        {
            Offer(new(miss.Stream, seen.Model, miss.End.ToUnixTimeMilliseconds()) { Miss = miss });
        }
    }

    /// <inheritdoc />
    public void OnThresholds(string stream, IReadOnlyDictionary<string, double> enter) => _thresholds[stream] = enter;

    /// <summary>Writes what is left, if the disk takes it in time.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _stop.CancelAsync();
        await _writing.WaitAsync(StopLimit, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_writing.IsCompleted)
        {
            _stop.Dispose();
        }
    }

    private void Offer(in HistoryEntry entry)
    {
        if (!_queue.Writer.TryWrite(entry))
        {
            _meter.Dropped(_writing.IsCompleted || _stop.IsCancellationRequested ? HistoryDrop.Stopped : HistoryDrop.QueueFull);
            if (entry.Scores is { } lent)
            {
                ArrayPool<byte>.Shared.Return(lent);
            }
        }
    }

    private async Task WriteAsync()
    {
        using var timer = new PeriodicTimer(Every, _time);
        List<HistoryEntry> batch = new(MostWaiting);
        try
        {
            do
            {
                Turn(batch);
            }
            while (await timer.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException)
        {
            Turn(batch);
        }
        finally
        {
            _keeper.Dispose();
        }
    }

    private void Turn(List<HistoryEntry> batch)
    {
        batch.Clear();
        while (batch.Count < MostWaiting && _queue.Reader.TryRead(out var entry))
        {
            batch.Add(entry);
        }

        _keeper.Keep(batch);
        foreach (var entry in batch)
        {
            if (entry.Scores is { } lent)
            {
                ArrayPool<byte>.Shared.Return(lent);
            }
        }
    }

    private readonly record struct Seen(ModelCard Model, int Epoch, int Segment);
}
