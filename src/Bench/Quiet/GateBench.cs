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
/// <param name="from">Number of the first recording: so a long run can be done in parts.</param>
/// <param name="keep">A folder in which they stay; null to leave none.</param>
/// <param name="model">Folder of the model that decides.</param>
internal sealed class GateBench(int from, int recordings, int seed, string? keep, string model, ILoggerFactory log)
{
    private const double MostWake = 0.5;

    /// <summary>A folder of clips that people act in, beside the checkout; null where there is none.</summary>
    private static string? Clips => ModelFolder.Packaged("shared/clips", Directory.Exists);

    /// <param name="told">Gets each recording as it is judged, in order.</param>
    /// <param name="cancel">Ends it after the recordings at hand; the report is of those that were judged.</param>
    public async Task<BenchReport> RunAsync(Action<JudgedRecording> told, CancellationToken cancel)
    {
        var ffmpeg = FfmpegTool.Find();
        var cast = new ActorCast(ffmpeg, Clips);
        var lanes = Math.Min(recordings, Environment.ProcessorCount);
        using var bench = new BenchModel(model, "");
        using var loaded = bench.Load(
            new()
            {
                Device = DeviceRequest.Cpu,
                Windows = WindowPath.Full,
                SelfCheck = TimeSpan.Zero,
                Batch = new() { MaxSize = 1, Workers = lanes },
            },
            log);
        using var folder = new TemporaryFolder("gate");
        var maker = new RecordingMaker(ffmpeg, cast, keep ?? folder.Path);
        List<BatchScorer> scorers = [.. Enumerable.Range(0, lanes).Select(_ => new BatchScorer(loaded, loaded.OpenScorer(loaded.Policy)))];
        try
        {
            var judges = scorers.ConvertAll(scorer => new GateJudge(ffmpeg, loaded, scorer, log));
            return Report(await Lanes.RunAsync(recordings, lanes, JudgeAsync, told, cancel), cast.Clips);

            async Task<JudgedRecording> JudgeAsync(int lane, int number)
            {
                var made = await maker.MakeAsync(RecordingPlan.Of(seed, from + number), CancellationToken.None);
                var judged = await judges[lane].JudgeAsync(made, CancellationToken.None);
                if (keep is null)
                {
                    File.Delete(made.File);
                }

                return judged;
            }
        }
        finally
        {
            scorers.ForEach(scorer => scorer.Dispose());
        }
    }

    private BenchReport Report(List<JudgedRecording> judged, int clips)
    {
        var waking = GateRow.Waking(judged);
        var all = GateRow.Of("all", judged);
        var unequal = judged.Sum(one => one.Unequal);
        return new(
            "gate",
            "Recordings of a still part and an action, composed from a seed. Gated: the service's camera that may sleep (a reader child "
            + "that copies packets, the ring, the gate, a decoder child that is kept and gets heartbeats; open events keep it awake), as "
            + "fast as its frames follow. Always: a plain ffmpeg decodes the file. Equal: the action's first decision, its events (label, "
            + "window, start; of every label, from a score of 0.6 on) and the bytes of every window of the gated run. Waking is from the "
            + "first frame that the actor changes by more than noise and light to the packet with which the camera is awake. The still "
            + "part counts from its fifteenth second on.",
            $"./actionstream bench gate --recordings {judged.Count} --seed {seed}{(from > 0 ? $" --from {from}" : "")}",
            new
            {
                Recordings = judged.Count,
                From = from,
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
                AsleepWithEvent = judged.Count(one => one.SleptUntilAction && one.AlwaysEvents.Length > 0),
                SleptThrough = judged.Count(one => one.SleptThrough && one.Recording.Moved is not null),
                SleptThroughEvents = judged.Count(one => one.SleptThrough && one.AlwaysEvents.Length > 0),
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
