using System.Globalization;
using ActionStream.Bench.Reporting;
using ActionStream.Core.Media;
using ActionStream.Inference;
using ActionStream.Inference.Scoring;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Packets.Gating;
using ActionStream.Ingest.Windowing;
using ActionStream.Publish.Events;
using Microsoft.Extensions.Logging;

namespace ActionStream.Bench.Quiet;

/// <summary>Decides on a recording twice, all of it decoded by a plain ffmpeg and as the service's camera that may sleep, and holds one
/// against the other.</summary>
internal sealed class GateJudge(FfmpegTool ffmpeg, LoadedModel model, BatchScorer scorer, ILoggerFactory log)
{
    /// <summary>From here on a camera could be asleep: before, every one learns and waits for its first quiet time.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(15);

    /// <summary>How much of the still part is put to the model: what smoothing remembers, many times over.</summary>
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(10);

    private readonly WindowSpec _window = new(model.Card.Input.Frames, model.Card.Input.Interval, Hop: 2);

    public async Task<JudgedRecording> JudgeAsync(ComposedRecording made, CancellationToken cancel)
    {
        using var pool = new PixelPool();
        var input = model.Card.Input;
        var picture = new FrameSpec(_window.Interval, input.Size, input.Fit);
        var from = (made.Moved ?? made.Action) - Before;
        using var always = new Decider(model, scorer, _window, from, null);
        var shown = await new FullDecoding(ffmpeg, picture, pool).RunAsync(made.File, always.Take, cancel);
        always.End();
        if (shown[0] != TimeSpan.Zero)
        {
            throw new BenchException($"{made.File} begins at {shown[0]}; expected 0, by which its plan counts");
        }


        var known = always.Decisions.ToDictionary(one => one.Index);
        using var gated = new Decider(model, scorer, _window, from, known);
        var camera = new RecordedCamera(ffmpeg, picture, _window, pool, log);
        var track = await camera.RunAsync(made.File, new(shown, _window), gated, cancel);
        gated.End();
        return Compare(made, track, always, gated, known);
    }

    private static JudgedRecording Compare(
        ComposedRecording made, SleepTrack track, Decider always, Decider gated, Dictionary<long, Decided> known)
    {
        var action = made.Moved ?? made.Action;
        var before = DateTimeOffset.UnixEpoch + action - TimeSpan.FromSeconds(1);
        var woken = track.Awake.FirstOrDefault(time => time.SleptAt is null || time.SleptAt >= action);
        var wasAwake = woken is not null && woken.WokenAt < action;
        var still = action - Settled;
        var falseWakes = track.Awake.Where(time => time.WokenAt >= Settled && time.WokenAt < action).ToList();
        var kept = track.Awake.Where(time => time.WokenAt < action).Aggregate(WakeReasons.None, (all, time) => all | time.Reasons);
        var stillEvents = Starts(always, one => one.Start < before);
        var gatedStill = Starts(gated, one => one.Start < before);
        return new(
            made, gated.Windows.Count, gated.Windows.Count(one => always.Windows.TryGetValue(one.Key, out var hash) && hash != one.Value),
            gated.Windows.Keys.Count(index => !always.Windows.ContainsKey(index)),
            First(always, action), First(gated, action), string.Join(' ', Starts(always, one => one.Start >= before)),
            string.Join(' ', Starts(gated, one => one.Start >= before)), stillEvents.Count, stillEvents.Except(gatedStill).Count(),
            made.Moved is null || wasAwake || woken is null ? null : woken.WokenAt - action, wasAwake, woken is null, still,
            track.Asleep(Settled, action), falseWakes.Count, track.Heartbeats, kept,
            falseWakes.Aggregate(WakeReasons.None, (all, time) => all | time.Reasons),
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
