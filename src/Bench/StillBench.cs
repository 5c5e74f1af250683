using ActionStream.Bench.Engine;
using ActionStream.Bench.Reporting;
using ActionStream.Core.Media;
using ActionStream.Inference;
using ActionStream.Inference.Configuration;
using ActionStream.Inference.Scoring;
using ActionStream.Models;
using Microsoft.Extensions.Logging;

namespace ActionStream.Bench;

/// <summary>What it brings and costs one model that tubelets are known by their pixels.</summary>
/// <param name="Model">Which factorised TokenLearner ViViT.</param>
/// <param name="T">Frames per window.</param>
/// <param name="BlindMs">A decision on noise, one tubelet after the last, without looking at pixels.</param>
/// <param name="BusyMs">The same with looking, where nothing is found.</param>
/// <param name="BusyRatio">Median of the ratios of neighbouring decisions, and of the runs: what looking costs a busy camera.</param>
/// <param name="FlickerMs">The tubelet's tokens are known by its pixels, the window is a new one: the temporal head alone.</param>
/// <param name="StillMs">The window is the last one over again.</param>
/// <param name="StillRatio">Median of the pairs' ratios to a blind decision.</param>
/// <param name="Windows">Windows that stood still, in part or wholly, and were answered both ways.</param>
/// <param name="Different">How many of those had another answer than computing everything gives, by a single bit.</param>
internal sealed record StillCase(
    string Model, int T, double BlindMs, double BusyMs, double BusyRatio, double BusyRatioMin, double BusyRatioMax, double FlickerMs,
    double StillMs, double StillRatio, int Windows, int Different);

/// <summary>Decisions of one model on scenes that stand still, flicker and move, in turns on one thread, with and without looking
/// for pixels that are known. Its times are the thread's processor time.</summary>
internal sealed class StillBench : IDisposable
{
    private readonly BenchModel _files;
    private readonly LoadedModel _model;
    private readonly IClipScorer _seeing;
    private readonly IClipScorer _blind;
    private readonly PixelPool _pool = new();
    private readonly NoiseVideo _moving;
    private readonly NoiseVideo _flickering;
    private readonly NoiseVideo _still;
    private readonly NoiseVideo _halfStill;
    private readonly Dictionary<string, long> _starts = [];

    public StillBench(string preset, ILoggerFactory log)
    {
        _files = new(preset, new BuildOptions { Split = true });
        _model = _files.Load(new() { Device = DeviceRequest.Cpu, Windows = WindowPath.Cached, SelfCheck = TimeSpan.Zero }, log);
        (_seeing, _blind) = (_model.OpenScorer(_model.Policy), _model.OpenScorer(_model.Policy, seesRepeats: false));
        var (size, window) = (_files.Card.Input.Size, _files.Card.Input.Frames);
        _moving = new(_pool, size, 6 * window);
        _still = new(_pool, size, 6 * window, _ => 0);
        _flickering = new(_pool, size, 6 * window, frame => frame / EngineRig.Hop % 3);
        _halfStill = new(_pool, size, 6 * window, frame => frame / window % 2 == 0 ? 0 : frame);
    }

    /// <param name="pairs">Runs of each side, in turns.</param>
    /// <param name="decisions">Decisions in one run; their median counts.</param>
    public StillCase Measure(int pairs, int decisions)
    {
        var runs = new List<(double Blind, double Busy, double Ratio, double Flicker, double Still)>();
        for (var run = 0; run < pairs; run++)
        {
            List<double> blind = [], busy = [], flickering = [], still = [];
            for (var decision = 0; decision < decisions; decision++)
            {
                // Decision by decision, so that whatever else the machine does meets both alike, and each as often after the other as
                // after itself, with the encoder's weights in the cache.
                var isBlindFirst = decision % 2 == 0;
                (isBlindFirst ? blind : busy).Add(isBlindFirst ? Blind() : Busy());
                (isBlindFirst ? busy : blind).Add(isBlindFirst ? Busy() : Blind());
            }

            for (var decision = 0; decision < decisions; decision++)
            {
                flickering.Add(Milliseconds(_seeing, "flickering", _flickering));
                still.Add(Milliseconds(_seeing, "still", _still));
            }

            var ratios = busy.Zip(blind, (one, other) => one / other).ToList();
            runs.Add((Median(blind), Median(busy), Median(ratios), Median(flickering), Median(still)));
        }

        var ratio = SummaryStatistics.Of(runs.Select(run => run.Ratio)).Rounded(4);
        const int compared = 40;
        return new(
            _files.Card.Name.Split('-')[^1], _files.Card.Input.Frames, OfRuns(run => run.Blind, 3), OfRuns(run => run.Busy, 3),
            ratio.Median, ratio.Min, ratio.Max,
            OfRuns(run => run.Flicker, 4), OfRuns(run => run.Still, 4), OfRuns(run => run.Still / run.Blind, 5), 3 * compared,
            new[] { _still, _flickering, _halfStill }.Sum(scene => Different(scene, compared)));

        double Blind() => Milliseconds(_blind, "blind", _moving);
        double Busy() => Milliseconds(_seeing, "busy", _moving);
        double Median(List<double> times) => SummaryStatistics.Of(times).Median;
        double OfRuns(Func<(double Blind, double Busy, double Ratio, double Flicker, double Still), double> of, int digits) =>
            SummaryStatistics.Of(runs.Select(of)).Rounded(digits).Median;
    }

    public void Dispose()
    {
        _seeing.Dispose();
        _blind.Dispose();
        _model.Dispose();
        _files.Dispose();
        _moving.Dispose();
        _still.Dispose();
        _flickering.Dispose();
        _halfStill.Dispose();
        _pool.Dispose();
    }

    private double Milliseconds(IClipScorer scorer, string stream, NoiseVideo scene)
    {
        using var clip = Next(stream, scene);
        var began = ThreadClock.Now;
        scorer.Score([clip]);
        return (ThreadClock.Now - began).TotalMilliseconds;
    }

    private int Different(NoiseVideo scene, int windows)
    {
        var different = 0;
        for (var window = 0; window < windows; window++)
        {
            using var clip = Next("compared", scene);
            using var again = Next("everything", scene);
            _model.Forget("everything");
            different += _seeing.Score([clip]).SequenceEqual(_blind.Score([again])) ? 0 : 1;
        }

        _model.Forget("compared"); // the next scene has other pixels at the same places
        _starts.Clear();
        return different;
    }

    private Clip Next(string stream, NoiseVideo scene)
    {
        var start = _starts[stream] = _starts.GetValueOrDefault(stream) + EngineRig.Hop;
        return scene.Window(stream, 0, start, _files.Card.Input.Frames, TimeProvider.System.GetTimestamp());
    }
}
