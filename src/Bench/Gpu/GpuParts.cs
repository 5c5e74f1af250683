using ActionStream.Bench.Reporting;
using ActionStream.Inference.Batching;
using ActionStream.Inference.Configuration;
using ActionStream.Inference.Onnx;
using ActionStream.Models;
using Microsoft.Extensions.Logging;

namespace ActionStream.Bench.Gpu;

/// <summary>One file of a model and what a row of it costs.</summary>
/// <param name="Macs">Multiply-accumulates of one row.</param>
internal sealed record GpuPart(string Name, string Path, long Macs);

/// <summary>A model's parts by themselves on the device: whole windows, the frame encoder, the temporal head.</summary>
internal sealed class GpuParts
{
    public const string Window = "window";
    public const string Encoder = "frame encoder";
    public const string Head = "temporal head";

    private readonly string _preset;
    private readonly GpuBenchOptions _asked;
    private readonly ILoggerFactory _log;

    public GpuParts(string preset, BenchModel model, GpuBenchOptions asked, ILoggerFactory log)
    {
        (_preset, _asked, _log) = (preset, asked, log);
        var known = Presets.Named(preset);
        var (encoder, head) = FlopCounter.CountParts(known, known.Measures)
            ?? throw new BenchException($"{preset} does not stream: it has no parts to measure");
        var streaming = model.Card.Streaming!;
        All =
        [
            new(Window, Path.Combine(model.Folder, model.Card.Model.Path), FlopCounter.CountAsBuilt(known).Macs),
            new(Encoder, Path.Combine(model.Folder, streaming.FrameEncoder.Path), encoder),
            new(Head, Path.Combine(model.Folder, streaming.TemporalHead.Path), head),
        ];
    }

    public IReadOnlyList<GpuPart> All { get; }

    public static OnnxSessionFactory Factory(GpuBenchOptions asked, ILoggerFactory log, bool allowsTf32 = false) =>
        new(new InferenceOptions { Device = asked.Device }, log.CreateLogger<OnnxSessionFactory>()) { AllowsTf32 = allowsTf32 };

    /// <param name="roofline">10^12 operations a second.</param>
    public IReadOnlyList<GpuPoint> Curve(GpuPart part, double roofline, Action<object> onResult)
    {
        using var loop = new GraphLoop(part.Path, Factory(_asked, _log));
        var points = new List<GpuPoint>();
        foreach (var batch in _asked.Batches)
        {
            var seconds = loop.SecondsPerRun(batch, 1, Feeding.EveryRun, _asked.Time, TimeProvider.System);
            var teraflops = GpuFigures.Teraflops(part.Macs, batch / seconds); // a thousandth of one is much to a CPU, hence six places
            points.Add(new(
                _preset, part.Name, batch, Math.Round(seconds * 1e3, 4), Math.Round(batch / seconds, 1), Math.Round(teraflops, 6),
                Math.Round(teraflops / roofline, 4)));
            onResult(points[^1]);
        }

        if (loop.PinProblem is { } problem)
        {
            BenchLog.Write($"{_preset} {part.Name}: input in ordinary memory, because {problem}");
        }

        return points;
    }

    /// <param name="folder">For what is written meanwhile.</param>
    public GpuPlacement Placement(GpuPart part, string folder)
    {
        var nodes = GraphPlacement.Of(part.Path, Factory(_asked, _log), folder).Nodes;
        var left = nodes.ToLookup(node => node.Provider == "CPUExecutionProvider", node => node.Kind);
        return new(_preset, part.Name, left[false].Count(), left[true].Count(), Kinds(left[true]), Kinds(left[false]));

        static string Kinds(IEnumerable<string> nodes) =>
            string.Join(", ", nodes.CountBy(kind => kind).OrderByDescending(kind => kind.Value).Select(kind => $"{kind.Key} {kind.Value}"));
    }

    /// <summary>From the curves: each part at its best batch.</summary>
    public GpuCameras Cameras(IReadOnlyList<GpuPoint> points)
    {
        var (window, encoder, head) = (Best(Window), Best(Encoder), Best(Head));
        var decisions = GpuFigures.Decisions(encoder.RowsPerS, head.RowsPerS);
        return new(
            _preset, encoder.Batch, head.Batch, Math.Round(decisions, 1), GpuFigures.Cameras(decisions), window.Batch, window.RowsPerS,
            GpuFigures.Cameras(window.RowsPerS), Math.Round(decisions / window.RowsPerS, 2));

        GpuPoint Best(string part) => points.Where(point => point.Preset == _preset && point.Part == part).MaxBy(point => point.RowsPerS)
            ?? throw new BenchException($"{part} has not been measured");
    }

    /// <summary>Whole windows in a small batch and in the largest that was asked for.</summary>
    public IReadOnlyList<GpuOverlap> Overlaps(string folder, Action<object> onResult)
    {
        var (part, largest) = (All[0], _asked.Batches.Max());
        using var whole = new GraphLoop(part.Path, Factory(_asked, _log));
        var path = Path.Combine(folder, "copy.onnx");
        GpuGraphs.SaveCopy(path, whole.RowBytes);
        using var copying = new GraphLoop(path, Factory(_asked, _log));
        var rows = new List<GpuOverlap>();
        foreach (var batch in new[] { Math.Min(8, largest), largest }.Distinct())
        {
            var copy = Math.Max(0, Run(copying, 1, Feeding.EveryRun) - Run(copying, 1, Feeding.Once));
            var (compute, inTurn) = (Run(whole, 1, Feeding.Once), Run(whole, 1, Feeding.EveryRun));
            var (two, twoCompute) = (Run(whole, 2, Feeding.EveryRun), Run(whole, 2, Feeding.Once));
            rows.Add(new(
                _preset, batch, Ms(copy), copy > 0 ? Math.Round(whole.RowBytes * batch / copy / 1e9, 2) : 0, Ms(compute), Ms(inTurn),
                Ms(two), Ms(twoCompute),
                Math.Round(GpuFigures.Overlap(copy, compute, two), 3), Math.Round(GpuFigures.Overlap(copy, twoCompute, two), 3)));
            onResult(rows[^1]);

            double Run(GraphLoop loop, int workers, Feeding feeding) =>
                loop.SecondsPerRun(batch, workers, feeding, _asked.Time, TimeProvider.System);
        }

        return rows;

        static double Ms(double seconds) => Math.Round(seconds * 1e3, 4);
    }
}
