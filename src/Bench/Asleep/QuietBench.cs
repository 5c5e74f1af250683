using ActionStream.Bench.Reporting;

namespace ActionStream.Bench.Asleep;

/// <summary>`bench ingest --quiet`: what a camera costs before which nothing happens, asleep and awake.</summary>
internal sealed class QuietBench(CamerasRun run, SceneVideo videos)
{
    private const double MostAsleep = 0.9;
    private const double LeastSlept = 0.95;

    /// <summary>More cameras than this are measured once, with all encodings among them.</summary>
    private const int Few = 24;

    private static readonly TimeSpan LongestAwake = TimeSpan.FromMinutes(1);

    private static readonly CameraWay[] Ways = [CameraWay.OneChild, CameraWay.Awake, CameraWay.Auto];

    public async Task<BenchReport> MeasureAsync(QuietLoad load, CancellationToken cancel)
    {
        var rows = new List<(string Name, CameraWays Ways)>();
        foreach (var (name, encodings) in load.Cameras > Few
            ? [("all in turn", load.Encodings)]
            : load.Encodings.Select(one => (Words(one), (IReadOnlyList<Encoding>)[one])))
        {
            var files = new List<string>();
            foreach (var encoding in encodings)
            {
                files.Add(await videos.OfAsync(Scene.Still, encoding, cancel));
            }

            var ways = await CameraWays.RunAsync(name, load.Pairs, Ways, way => run.RunAsync(
                files, way == CameraWay.Auto ? load.Cameras : load.Awake, way, load.Patience, TimeOf(way, load), cancel));
            rows.Add((name, ways));
        }

        var cost = rows.Select(row => CostOf(row.Name, row.Ways)).ToArray();
        var sleep = rows.Select(row => SleepOf(row.Name, row.Ways)).ToArray();
        var (worst, slept) = (cost.Max(row => row.Auto), sleep.Min(row => row.Asleep));
        var last = rows[^1].Ways[CameraWay.Auto][^1];
        return new(
            "ingest --quiet",
            $"{load.Cameras} RTSP cameras before which nothing happens ({SceneVideo.Description}), the whole service with the packaged "
            + "model and a broker: CPU for a camera in per cent of a core, children, threads and publishing together. one_child: one child "
            + $"reads and decodes; awake: two children, `sleep: never` ({load.Awake} cameras each); auto: `sleep: auto`. server: what the "
            + "simulated camera itself costs, which is not counted.",
            load.Command("--quiet"),
            new
            {
                load.Cameras,
                load.Awake,
                load.Seconds,
                load.Pairs,
                AsleepCpuPerCent = worst,
                AsleepShare = slept,
                last.Processes,
                last.Threads,
                Cost = cost,
                Sleep = sleep,
            },
            load.IsTrial
                ? []
                : [Threshold.AtMost("asleep_cpu_per_cent", worst, MostAsleep), Threshold.AtLeast("asleep_share", slept, LeastSlept)]);
    }

    // What is always awake costs the same at any time.
    private static TimeSpan TimeOf(CameraWay way, QuietLoad load) =>
        way == CameraWay.Auto || load.Time < LongestAwake ? load.Time : LongestAwake;

    private static Cost CostOf(string name, CameraWays ways) => new(
        name, ways.Median(CameraWay.OneChild, use => use.Cpu, 3), ways.Median(CameraWay.Awake, use => use.Cpu, 3),
        ways.Median(CameraWay.Auto, use => use.Cpu, 3), ways.Ratio(CameraWay.Auto, CameraWay.OneChild).Median,
        ways.Median(CameraWay.Auto, use => use.Own, 3), ways.Median(CameraWay.Auto, use => use.Decoders, 3),
        ways.Median(CameraWay.Auto, use => use.Server, 3));

    private static Sleep SleepOf(string name, CameraWays ways) => new(
        name, ways.Median(CameraWay.Auto, use => use.Asleep, 3), ways.Median(CameraWay.Auto, use => use.SettledAfter.TotalSeconds, 0),
        ways.Median(CameraWay.Auto, use => use.ChildrenMib, 1), ways.Median(CameraWay.Auto, use => use.OwnMib, 1),
        ways.Median(CameraWay.OneChild, use => use.ChildrenMib, 1), ways[CameraWay.Auto].Sum(use => use.Dropped),
        ways[CameraWay.Auto].Sum(use => use.Skipped));

    private static string Words(Encoding encoding) => encoding switch
    {
        Encoding.Crf => "H.264, constant quality",
        Encoding.Cbr => "H.264, constant 2 Mbit/s",
        _ => "H.265, constant quality",
    };

    /// <summary>In per cent of a core, for a camera.</summary>
    /// <param name="Ratio">auto beside one_child.</param>
    /// <param name="Own">Of auto, in our process.</param>
    /// <param name="Decoders">Of auto, in children that decode; the rest is in those that read.</param>
    private sealed record Cost(
        string Encoding, double OneChild, double Awake, double Auto, double Ratio, double Own, double Decoders, double Server);

    /// <param name="Late">Frames that the simulated cameras could not send in time.</param>
    private sealed record Sleep(
        string Encoding, double Asleep, double SettledAfterS, double ChildrenMib, double OwnMib, double OneChildMib, long Dropped,
        long Late);
}
