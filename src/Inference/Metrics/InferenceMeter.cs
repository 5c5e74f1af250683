using System.Diagnostics.Metrics;
using ActionStream.Core.Stages;
using ActionStream.Inference.Scoring;

namespace ActionStream.Inference.Metrics;

/// <summary>What inference reports besides its stage's four.</summary>
public sealed class InferenceMeter
{
    /// <summary>Why a run gave no usable scores.</summary>
    private static readonly string[] Faults = ["run_failed", "out_of_memory", "device_lost", "wrong_clip", "invalid_output"];

    private readonly Meter _meter;
    private readonly Histogram<long> _batchSize;
    private readonly Counter<long> _batches;
    private readonly Counter<long> _windows;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _errors;
    private readonly Counter<long> _missed;
    private readonly Counter<long> _hits;
    private readonly Counter<long> _misses;
    private readonly Counter<long> _repeats;
    private readonly Counter<long> _answers;
    private readonly Counter<long> _skipped;

    /// <param name="meter">Where the instruments are made.</param>
    /// <param name="streams">Cameras, so that their counters exist before anything goes wrong.</param>
    public InferenceMeter(Meter meter, IEnumerable<string> streams)
    {
        _meter = meter;
        _batchSize = meter.CreateHistogram(
            "actionstream.inference.batch.size", "{clip}", "Clips in one run of the model.", null, Buckets.BatchSize);
        _batches = meter.CreateCounter<long>("actionstream.inference.batches", "{batch}", "Runs of the model.");
        _windows = meter.CreateCounter<long>("actionstream.inference.windows", "{window}", "Clips the model was run on.");
        _duration = meter.CreateHistogram("actionstream.inference.duration", "s", "Time of one run of the model.", null, Buckets.Latency);
        _errors = meter.CreateCounter<long>(
            "actionstream.inference.errors", "{error}", "Runs or answers that could not be used, by reason.");
        _missed = meter.CreateCounter<long>(
            "actionstream.deadline.missed", "{window}", "Clips that could not have been answered by their deadline.");
        // Ingest counts its own reasons in the same instrument; name, unit and words must be equal.
        _skipped = meter.CreateCounter<long>("actionstream.windows.skipped", "{window}", "Windows begun and given up, by reason.");

        _hits = meter.CreateCounter<long>("actionstream.token.cache.hits", "{tubelet}", "Tubelets of windows whose tokens were known.");
        _misses = meter.CreateCounter<long>(
            "actionstream.token.cache.misses", "{tubelet}", "Tubelets of windows that went through the frame encoder.");
        _repeats = meter.CreateCounter<long>(
            "actionstream.token.cache.repeats", "{tubelet}",
            "Tubelets of windows whose tokens were known by their pixels, equal to those of one before.");
        _answers = meter.CreateCounter<long>(
            "actionstream.token.cache.answers", "{window}", "Windows with the tokens of the one before, and so with its answer.");

        _batches.Add(0);
        _hits.Add(0);
        _misses.Add(0);
        _repeats.Add(0);
        _answers.Add(0);
        _windows.Add(0);
        _missed.Add(0);
        foreach (var fault in Faults)
        {
            _errors.Add(0, new KeyValuePair<string, object?>("reason", fault));
        }

        foreach (var stream in streams)
        {
            Expect(stream);
        }
    }

    /// <summary>Where more instruments of the same part are made.</summary>
    internal Meter Instruments => _meter;

    /// <summary>Shows a camera's counters before anything goes wrong.</summary>
    public void Expect(string stream)
    {
        DropReason[] shed = [DropReason.Deadline, DropReason.QueueFull, DropReason.LoadShed, DropReason.NoModel];
        foreach (var reason in Faults.Concat(shed.Select(reason => reason.Label)))
        {
            Skipped(stream, reason, 0);
        }
    }

    internal void Ran(int clips, TimeSpan duration, in TokenCounts tokens)
    {
        _batchSize.Record(clips);
        _batches.Add(1);
        _windows.Add(clips);
        _hits.Add(tokens.Hits);
        _misses.Add(tokens.Misses);
        _repeats.Add(tokens.Repeats);
        _answers.Add(tokens.Answers);
        _duration.Record(duration.TotalSeconds);
    }

    internal void TooLate() => _missed.Add(1);

    /// <summary>A run failed; its clips may yet be scored one by one.</summary>
    internal void Failed(string reason) => _errors.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>A clip will have no answer.</summary>
    internal void Unanswered(string stream, string reason) => Skipped(stream, reason, 1);

    private void Skipped(string stream, string reason, long count) =>
        _skipped.Add(count, new KeyValuePair<string, object?>("camera", stream), new KeyValuePair<string, object?>("reason", reason));
}
