using ActionStream.Bench.Reporting;

namespace ActionStream.Bench.Asleep;

/// <summary>Runs of the same cameras in several ways, in turns: each way's runs, and what one costs beside another in the same
/// round.</summary>
internal sealed class CameraWays
{
    private readonly Dictionary<CameraWay, List<CamerasUse>> _runs;

    private CameraWays(IReadOnlyList<CameraWay> ways) => _runs = ways.ToDictionary(way => way, _ => new List<CamerasUse>());

    public IReadOnlyList<CamerasUse> this[CameraWay way] => _runs[way];

    /// <summary>Each round begins with another way.</summary>
    public static async Task<CameraWays> RunAsync(
        string what, int rounds, IReadOnlyList<CameraWay> ways, Func<CameraWay, Task<CamerasUse>> run)
    {
        var all = new CameraWays(ways);
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < ways.Count; i++)
            {
                var way = ways[(round + i) % ways.Count];
                var use = await run(way);
                all._runs[way].Add(use);
                BenchLog.Write(
                    $"{what}, round {round + 1} of {rounds}, {way}: {use.Cpu:0.000} % of a core for a camera ({use.Own:0.000} in this "
                    + $"process, {use.Decoders:0.000} in decoders), {use.Asleep:p0} asleep after "
                    + $"{use.SettledAfter.TotalSeconds:0} s, {use.ChildrenMib:0.0} + "
                    + $"{use.OwnMib:0.0} MiB, {use.FramesPerS:0.00} frames/s, {use.Dropped} dropped; the simulated camera "
                    + $"{use.Server:0.000} %, {use.Skipped} frames late");
            }
        }

        return all;
    }

    public double Median(CameraWay way, Func<CamerasUse, double> figure, int digits) =>
        Math.Round(SummaryStatistics.Of(_runs[way].Select(figure)).Median, digits);

    /// <summary>CPU of a way beside another's, round by round.</summary>
    public SummaryStatistics Ratio(CameraWay way, CameraWay other) =>
        SummaryStatistics.Of(_runs[way].Zip(_runs[other], (one, two) => one.Cpu / two.Cpu)).Rounded(4);
}
