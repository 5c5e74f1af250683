using ActionStream.Bench.Reporting;

namespace ActionStream.Bench.Asleep;

/// <summary>`bench ingest --day`: cameras before which something happens a tenth of the time, and some where it never stops.</summary>
internal sealed class DayBench(CamerasRun run, SceneVideo videos)
{
    private const double MostBusy = 1.05;

    private static readonly CameraWay[] Ways = [CameraWay.OneChild, CameraWay.Auto];

    public async Task<BenchReport> MeasureAsync(QuietLoad load, CancellationToken cancel)
    {
        var day = await MeasureAsync("a tenth busy", Scene.Mixed, load.Cameras, load, cancel);
        var busy = await MeasureAsync("always busy", Scene.Busy, load.Awake, load, cancel);
        var busyRatio = busy.Ratio(CameraWay.Auto, CameraWay.OneChild);
        return new(
            "ingest --day",
            $"{load.Cameras} RTSP cameras ({SceneVideo.Description}; H.264 at constant quality and at a constant rate, H.265) before which "
            + $"something moves a tenth of the time, in bursts, and {load.Awake} where something always moves: CPU for a camera in per "
            + "cent of a core, all in, with `sleep: auto` beside one child that decodes everything, in turns.",
            load.Command("--day"),
            new
            {
                load.Cameras,
                load.Awake,
                load.Seconds,
                load.Pairs,
                DayOneChild = day.Median(CameraWay.OneChild, use => use.Cpu, 3),
                DayAuto = day.Median(CameraWay.Auto, use => use.Cpu, 3),
                DayRatio = day.Ratio(CameraWay.Auto, CameraWay.OneChild).Median,
                DayAsleep = day.Median(CameraWay.Auto, use => use.Asleep, 3),
                BusyOneChild = busy.Median(CameraWay.OneChild, use => use.Cpu, 3),
                BusyAuto = busy.Median(CameraWay.Auto, use => use.Cpu, 3),
                BusyRatio = busyRatio.Median,
                BusyAsleep = busy.Median(CameraWay.Auto, use => use.Asleep, 3),
                DayRatioStatistics = day.Ratio(CameraWay.Auto, CameraWay.OneChild),
                BusyRatioStatistics = busyRatio,
            },
            load.IsTrial ? [] : [Threshold.AtMost("busy_ratio", busyRatio.Median, MostBusy)]);
    }

    private async Task<CameraWays> MeasureAsync(string what, Scene scene, int cameras, QuietLoad load, CancellationToken cancel)
    {
        var files = new List<string>();
        foreach (var encoding in load.Encodings)
        {
            files.Add(await videos.OfAsync(scene, encoding, cancel));
        }

        // Nobody waits for all to sleep: some are always busy.
        return await CameraWays.RunAsync(
            what, load.Pairs, Ways, way => run.RunAsync(files, cameras, way, load.Patience, load.Time, cancel));
    }
}
