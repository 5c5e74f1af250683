using ActionStream.Bench.Reporting;
using ActionStream.Core.Files;
using ActionStream.Host.Configuration;
using ActionStream.Inference;
using ActionStream.Inference.Configuration;
using ActionStream.Inference.Scoring;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Packets.Gating;
using Microsoft.Extensions.Logging;

namespace ActionStream.Bench.Quiet;

/// <summary>Whether a camera that sleeps misses anything: recordings composed from a seed, decided on gated and always decoded.</summary>
internal sealed class GateBench(int recordings, int seed, string? keep, ILoggerFactory log)
{
    private const double MostWake = 0.5;

    /// <summary>A folder of clips that people act in, beside the checkout; null where there is none.</summary>
    private static string? Clips => ModelFolder.Packaged("shared/clips", Directory.Exists);

    /// <param name="told">Gets each recording as it is judged.</param>
    /// <param name="cancel">Ends it after the recording at hand; the report is of those that were judged.</param>
    public async Task<BenchReport> RunAsync(Action<JudgedRecording> told, CancellationToken cancel)
    {
        var ffmpeg = FfmpegTool.Find();
        var cast = new ActorCast(ffmpeg, Clips);
        using var bench = new BenchModel(ModelFolder.Default, "");
        using var model = bench.Load(
            new()
            {
                Device = DeviceRequest.Cpu,
                Windows = WindowPath.Full,
                SelfCheck = TimeSpan.Zero,
                Batch = new() { MaxSize = 1, Workers = 1 },
            },
            log);
        using var scorer = new BatchScorer(model, model.OpenScorer(model.Policy));
        using var folder = new TemporaryFolder("gate");
        var maker = new RecordingMaker(ffmpeg, cast, keep ?? folder.Path);
        var judge = new GateJudge(ffmpeg, model, scorer, log);
        var judged = new List<JudgedRecording>();
        for (var number = 0; number < recordings && !(cancel.IsCancellationRequested && judged.Count > 0); number++)
        {
            var made = await maker.MakeAsync(RecordingPlan.Of(seed, number), CancellationToken.None);
            judged.Add(await judge.JudgeAsync(made, CancellationToken.None));
            told(judged[^1]);
            if (keep is null)
            {
                File.Delete(made.File);
            }
        }

        return Report(judged, cast.Clips);
    }

    private BenchReport Report(List<JudgedRecording> judged, int clips)
    {
        var waking = GateRow.Waking(judged);
        var all = GateRow.Of("all", judged);
        var unequal = judged.Sum(one => one.Unequal);
        return new(
            "gate",
            "Recordings of a still part and an action, composed from a seed: decided on with packets gated, each time awake decoded by a "
            + "decoder of its own from the packets' last clean start before what woke it, beside all packets decoded. Equal: the action's "
            + "first decision, its events (label, window, start) and the bytes of every window. Waking is from the first frame that the "
            + "actor changes by more than noise and light to the packet with which the camera is awake. The still part counts from its "
            + "fifteenth second on.",
            $"./actionstream bench gate --recordings {judged.Count} --seed {seed}",
            new
            {
                Recordings = judged.Count,
                Seed = seed,
                Clips = clips,
                all.Equal,
                WithEvents = all.Events,
                Windows = judged.Sum(one => one.Windows),
                UnequalWindows = unequal,
                AsleepShare = all.Asleep,
                all.FalseWakesPerH,
                AsleepAtAction = waking.Length,
                AwakeAtAction = judged.Count(one => one.WasAwake),
                SleptThrough = judged.Count(one => one.SleptThrough && one.Recording.Moved is not null),
                WakeP50S = GateRow.At(waking, 0.5),
                WakeP99S = GateRow.At(waking, 0.99),
                WakeMaxS = GateRow.At(waking, 1),
                ByScene = Rows(judged, one => one.Recording.Plan.Scene.ToString()),
                ByCoding = Rows(judged, one => one.Recording.Plan.Coding.ToString()),
                ByActor = Rows(judged, one => one.Recording.Plan.Actor.ToString()),
                Different = judged.Where(one => !one.IsEqual).Select(Difference).ToList(),
                LateWaking = judged.Where(one => one.Woke?.TotalSeconds > MostWake).Select(one => new
                {
                    Recording = one.Recording.Plan.Name,
                    Scene = one.Recording.Plan.Scene.ToString(),
                    Coding = one.Recording.Plan.Coding.ToString(),
                    Actor = $"{one.Recording.What} at {one.Recording.Plan.Reach}",
                    Seconds = Math.Round(one.Woke!.Value.TotalSeconds, 2),
                }).ToList(),
            },
            Threshold.AtLeast("equal", all.Equal, judged.Count), Threshold.AtMost("unequal_windows", unequal, 0),
            Threshold.AtMost("wake_p99_s", GateRow.At(waking, 0.99) ?? 0, MostWake));
    }

    private static List<GateRow> Rows(List<JudgedRecording> judged, Func<JudgedRecording, string> kind) =>
        [.. judged.GroupBy(kind).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => GateRow.Of(group.Key, [.. group]))];

    private static GateDifference Difference(JudgedRecording one) => new(
        one.Recording.Plan.Name, one.Recording.Plan.Scene.ToString(), one.Recording.Plan.Coding.ToString(),
        $"{one.Recording.What} at {one.Recording.Plan.Reach}", one.Unequal, one.AlwaysFirst, one.GatedFirst, one.AlwaysEvents,
        one.GatedEvents, one.Kept);
}
