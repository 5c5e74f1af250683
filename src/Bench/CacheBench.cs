using ActionStream.Bench.Engine;
using ActionStream.Bench.Reporting;
using ActionStream.Core.Configuration;
using ActionStream.Core.Media;
using ActionStream.Host.Configuration;
using ActionStream.Inference;
using ActionStream.Inference.Configuration;
using ActionStream.Inference.Scoring;
using ActionStream.Models;
using ActionStream.Models.Networks;
using Microsoft.Extensions.Logging;

namespace ActionStream.Bench;

/// <summary>One model and hop, whole windows beside cached tokens.</summary>
/// <param name="D">Numbers per token.</param>
/// <param name="T">Frames per window.</param>
/// <param name="Hop">Sampled frames from one window to the next.</param>
/// <param name="Speedup">Median of the pairs' ratios.</param>
/// <param name="MacRatio">What the multiply-accumulates promise.</param>
/// <param name="Efficiency">How much of the promise is kept.</param>
/// <param name="Windows">Windows that were answered both ways.</param>
/// <param name="MaxAbsDiff">Largest difference of a logit.</param>
internal sealed record CacheCase(
    int D, int T, int Hop, double FullMs, double CachedMs, double Speedup, double SpeedupMin, double SpeedupMax,
    double MacRatio, double Efficiency, int Windows, double MaxAbsDiff);

/// <summary>What the token cache brings for one model: the same windows, whole and from cached tokens, in turns on one thread.</summary>
internal sealed class CacheBench : IDisposable
{
    private const int Tubelet = 2;

    private readonly Measures _measures;
    private readonly Preset _preset;
    private readonly LoadedModel _cached;
    private readonly LoadedModel _full;
    private readonly IClipScorer _fast;
    private readonly IClipScorer _sure;
    private readonly PixelPool _pool = new();
    private readonly NoiseVideo _recording;
    private long _start;
    private int _segment;

    public CacheBench(string preset, int frames, string folder, ILoggerFactory log)
    {
        _preset = Presets.Named(preset);
        _measures = _preset.Measures with { Frames = frames };
        var built = ModelBuilder.Build(preset, new BuildOptions { Frames = frames, Split = true }, folder);
        CardFile.Save(built.Card, folder);
        _cached = Load(WindowPath.Cached);
        _full = Load(WindowPath.Full);
        (_fast, _sure) = (_cached.OpenScorer(_cached.Policy), _full.OpenScorer(_full.Policy));
        _recording = new(_pool, built.Card.Input.Size, 6 * frames);

        LoadedModel Load(WindowPath path) => LoadedModel.Load(
            folder, built.Card, new ConfigCheck(folder), new() { Device = DeviceRequest.Cpu, Windows = path, SelfCheck = TimeSpan.Zero },
            TimeProvider.System, log.CreateLogger<LoadedModel>());
    }

    /// <param name="pairs">Runs of each side, in turns.</param>
    /// <param name="decisions">Cached decisions in one run.</param>
    /// <param name="windows">Windows to compare, some after gaps and some after windows that were shed.</param>
    public async Task<CacheCase> MeasureAsync(int hop, int pairs, int decisions, int windows)
    {
        Run(_fast, hop, _measures.Frames / hop + 2); // as the engine has run before anybody looks
        var compared = await PairedRuns.RunAsync(
            pairs, () => Task.FromResult(Run(_sure, hop, Math.Max(1, decisions / 6))), () => Task.FromResult(Run(_fast, hop, decisions)));
        var (encoder, head) = FlopCounter.CountParts(_preset, _measures)!.Value;
        var steps = _measures.Frames / Tubelet;
        var fresh = Math.Min(steps, hop % Tubelet == 0 ? hop / Tubelet : hop);
        var macRatio = (double)((steps * encoder) + head) / ((fresh * encoder) + head);
        var speedup = SummaryStatistics.Of([1 / compared.Ratio.Min, 1 / compared.Ratio.Median, 1 / compared.Ratio.Max]);
        return new(
            _cached.Card.Streaming!.Width, _measures.Frames, hop, Math.Round(compared.Floor.Median, 3), Math.Round(compared.Ours.Median, 3),
            Math.Round(speedup.Median, 3), Math.Round(speedup.Min, 3), Math.Round(speedup.Max, 3), Math.Round(macRatio, 3),
            Math.Round(speedup.Median / macRatio, 3), windows, Difference(hop, windows));
    }

    public void Dispose()
    {
        _fast.Dispose();
        _sure.Dispose();
        _cached.Dispose();
        _full.Dispose();
        _recording.Dispose();
        _pool.Dispose();
    }

    // Milliseconds per decision.
    private double Run(IClipScorer scorer, int hop, int decisions)
    {
        var clock = TimeProvider.System;
        for (var phase = 0; phase < Tubelet; phase++)
        {
            Decide(scorer, hop); // the other side's windows lie between this one and the last: their tubelets are no part of a hop
        }

        var began = clock.GetTimestamp();
        for (var i = 0; i < decisions; i++)
        {
            Decide(scorer, hop);
        }

        return clock.GetElapsedTime(began).TotalMilliseconds / decisions;
    }

    private void Decide(IClipScorer scorer, int hop)
    {
        using var clip = Next(hop);
        scorer.Score([clip]);
    }

    private double Difference(int hop, int windows)
    {
        var random = new Random(hop);
        var worst = 0.0;
        for (var i = 0; i < windows; i++)
        {
            switch (random.Next(20))
            {
                case 0:
                    (_segment, _start) = (_segment + 1, _start + random.Next(1, 50)); // a gap or a new connection
                    break;
                case 1:
                    _start += (long)hop * random.Next(1, 12); // windows that were shed
                    break;
            }

            using var clip = Next(hop);
            var fast = _fast.Score([clip]).ToArray();
            var sure = _sure.Score([clip]);
            for (var k = 0; k < fast.Length; k++)
            {
                worst = Math.Max(worst, Math.Abs(fast[k] - sure[k]));
            }
        }

        return worst;
    }

    private Clip Next(int hop)
    {
        _start += hop;
        return _recording.Window("cam", _segment, _start, _measures.Frames, TimeProvider.System.GetTimestamp());
    }
}
