using ActionStream.Bench.Engine;
using ActionStream.Bench.Reporting;
using ActionStream.Core.Media;
using ActionStream.Inference;
using ActionStream.Inference.Configuration;
using ActionStream.Inference.Scoring;
using ActionStream.Models;
using ActionStream.Models.Networks;
using Microsoft.Extensions.Logging;

namespace ActionStream.Bench;

/// <summary>What one decision of a preset costs on one thread.</summary>
/// <param name="WindowMs">A whole window.</param>
/// <param name="DecisionMs">As the engine does it, one hop of a tubelet after the last: from cached
/// tokens where the model allows it.</param>
/// <param name="Ratio">How many times less a decision costs than a window; 1 where there is nothing to keep.</param>
internal sealed record ModelRow(
    string Preset, double Parameters, double Gmacs, int Frames, string Size, bool KeepsTokens, double WindowMs,
    double WindowMin, double WindowMax, double DecisionMs, double Ratio, double GmacsPerS);

/// <summary>`bench models`: presets beside each other, whole windows and single decisions in turns on one thread.</summary>
internal sealed class ModelBench(string preset, ILoggerFactory log)
{
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(300);

    public async Task<ModelRow> MeasureAsync(int pairs)
    {
        using var model = new BenchModel(null, preset);
        using var whole = Load(model, WindowPath.Full);
        using var engine = Load(model, WindowPath.Auto);
        using var sure = whole.OpenScorer(whole.Policy);
        using var fast = engine.OpenScorer(engine.Policy);
        using var pool = new PixelPool();
        var input = model.Card.Input;
        using var recording = new NoiseVideo(pool, input.Size, 4 * input.Frames);
        var start = 0L;

        var result = await PairedRuns.RunAsync(pairs, () => Task.FromResult(Milliseconds(sure)), () => Task.FromResult(Milliseconds(fast)));
        var known = Presets.Named(preset);
        var cost = FlopCounter.CountAsBuilt(known);
        return new(
            preset, cost.Parameters, Math.Round(cost.Macs / 1e9, 3), input.Frames, $"{input.Size}", engine.Costs.KeepsTokens,
            Math.Round(result.Floor.Median, 2), Math.Round(result.Floor.Min, 2), Math.Round(result.Floor.Max, 2),
            Math.Round(result.Ours.Median, 2),
            Math.Round(1 / result.Ratio.Median, 2), Math.Round(cost.Macs / result.Floor.Median / 1e6, 1));

        double Milliseconds(IClipScorer scorer)
        {
            Decide(scorer); // the other side's windows lie between this one and the last
            var clock = TimeProvider.System;
            var (began, count) = (clock.GetTimestamp(), 0);
            do
            {
                Decide(scorer);
                count++;
            }
            while (clock.GetElapsedTime(began) < Least);
            return clock.GetElapsedTime(began).TotalMilliseconds / count;
        }

        void Decide(IClipScorer scorer)
        {
            using var clip = recording.Window("cam", 0, start += EngineRig.Hop, input.Frames, TimeProvider.System.GetTimestamp());
            scorer.Score([clip]);
        }
    }

    private LoadedModel Load(BenchModel model, WindowPath path) =>
        model.Load(new() { Device = DeviceRequest.Cpu, Windows = path, SelfCheck = TimeSpan.Zero }, log);
}
