using System.Globalization;
using ActionStream.Core.Media;
using ActionStream.Inference;
using ActionStream.Inference.Scoring;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Packets.Gating;
using ActionStream.Ingest.Windowing;
using ActionStream.Publish.Events;

namespace ActionStream.Bench.Quiet;

/// <summary>Decides on a recording twice, always decoded and gated, and holds one against the other.</summary>
internal sealed class GateJudge(FfmpegTool ffmpeg, LoadedModel model, BatchScorer scorer, GateOptions options)
{
    /// <summary>From here on a camera could be asleep: before, every one learns and waits for its first quiet time.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(15);

    /// <summary>How much of the still part is put to the model: what smoothing remembers, many times over.</summary>
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(10);

    private readonly WindowSpec _window = new(model.Card.Input.Frames, model.Card.Input.Interval, Hop: 2);

    /// <summary>How much before what woke it a camera is decoded: a window, and two slots, since the first after a clean start may be
    /// another frame than the one before it would have left there.</summary>
    private TimeSpan Reach => (_window.Length + 2) * _window.Interval;

    public async Task<JudgedRecording> JudgeAsync(ComposedRecording made, CancellationToken cancel)
    {
        using var pool = new PixelPool();
        var recording = CodedRecording.Read(made.File);
        var size = model.Card.Input.Size;
        var decoder = new SpanDecoder(ffmpeg, size, pool);
        var frames = await decoder.DecodeAsync(recording, 0, recording.Count, cancel);
        try
        {
            var from = (made.Moved ?? made.Action) - Before;
            using var always = new Decider(model, scorer, _window, from, null);
            frames.ForEach(frame => always.Take(frame, endsSleep: false));
            always.End();

            var run = new GateRun(recording, frames, size, _window.Interval, Reach);
            run.Run(new PacketGate(recording.Stream.Codec, recording.Stream.Size, options));

            var known = always.Decisions.ToDictionary(one => one.Index);
            using var gated = new Decider(model, scorer, _window, from, known);
            await DecideAsync(run, recording, frames, decoder, gated, cancel);
            gated.End();
            return Compare(made, run, recording, always, gated, known);
        }
        finally
        {
            frames.ForEach(frame => frame.Pixels.Dispose());
        }
    }

    private async Task DecideAsync(
        GateRun run, CodedRecording recording, IReadOnlyList<DecodedFrame> all, SpanDecoder decoder, Decider gated,
        CancellationToken cancel)
    {
        var fed = TimeSpan.MinValue;
        foreach (var span in run.Spans)
        {

            // With B pictures, what is shown before the last packet may have been sent after it.
            var end = Enumerable.Range(span.Last + 1, Math.Min(16, recording.Count - span.Last - 1))
                .Select(i => recording[i].Presentation).DefaultIfEmpty(TimeSpan.MaxValue).Min();

            // What was decoded from the very start is what the always-decoded run has.
            var own = span.First == 0 ? null : await decoder.DecodeAsync(recording, span.First, span.Last - span.First + 1, cancel);
            var grid = new TimeGrid(_window.Interval, _window.MaxGap);
            var sampled = 0;
            foreach (var frame in own ?? all)
            {
                if (frame.Presentation < recording[span.First].Presentation || frame.Presentation >= end
                    || grid.Place(frame.Presentation).Verdict == GridVerdict.Duplicate)
                {
                    continue;
                }

                // Before the clean start there may have been a frame nearer to its slot: the first slot is left out, unless it
                // was decoded before the sleep.
                if ((sampled++ > 0 || own is null) && frame.Presentation > fed)
                {
                    gated.Take(frame, endsSleep: sampled == 2);
                    fed = frame.Presentation;
                }
            }

            own?.ForEach(frame => frame.Pixels.Dispose());
        }
    }

    private static JudgedRecording Compare(
        ComposedRecording made, GateRun run, CodedRecording recording, Decider always, Decider gated, Dictionary<long, Decided> known)
    {
        var action = made.Moved ?? made.Action;
        var before = DateTimeOffset.UnixEpoch + action - TimeSpan.FromSeconds(1);
        var woken = run.Spans.FirstOrDefault(span => recording[span.Last].Presentation >= action);
        var wasAwake = woken is not null && woken.WokenAt < action;
        var still = action - Settled;
        var falseWakes = run.Spans.Where(span => span.WokenAt >= Settled && span.WokenAt < action).ToList();
        var kept = run.Spans.Where(span => span.WokenAt < action).Aggregate(WakeReasons.None, (all, span) => all | span.Reasons);
        var stillEvents = Starts(always, one => one.Start < before);
        var gatedStill = Starts(gated, one => one.Start < before);
        return new(
            made, gated.Windows.Count, gated.Windows.Count(one => always.Windows.TryGetValue(one.Key, out var hash) && hash != one.Value),
            gated.Windows.Keys.Count(index => !always.Windows.ContainsKey(index)),
            First(always, action), First(gated, action), string.Join(' ', Starts(always, one => one.Start >= before)),
            string.Join(' ', Starts(gated, one => one.Start >= before)), stillEvents.Count, stillEvents.Except(gatedStill).Count(),
            made.Moved is null || wasAwake || woken is null ? null : woken.WokenAt - action, wasAwake, woken is null, still,
            run.Asleep(Settled, action), falseWakes.Count, run.Heartbeats, kept,
            falseWakes.Aggregate(WakeReasons.None, (all, span) => all | span.Reasons),
            gated.Decisions.DefaultIfEmpty().Max(one => one is not null && known.TryGetValue(one.Index, out var same) && same.Top == one.Top
                && one.End >= action ? Math.Abs(same.Score - one.Score) : 0));
    }

    private static string? First(Decider run, TimeSpan action) =>
        run.Decisions.FirstOrDefault(one => one.End >= action && one.Detected.Count > 0) is { } first
            ? string.Create(CultureInfo.InvariantCulture, $"{first.Index}:{string.Join('+', first.Detected)}")
            : null;

    private static List<string> Starts(Decider run, Func<ActionEvent, bool> isWanted) =>
        [.. run.Events.Where(one => one.Type == EventType.Start && isWanted(one)).Select(one => string.Create(
            CultureInfo.InvariantCulture,
            $"{one.Label}@{one.Decision.Window}/{(one.Start - DateTimeOffset.UnixEpoch).TotalSeconds:0.000}"))];
}
