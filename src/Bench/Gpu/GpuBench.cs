using ActionStream.Bench.Reporting;
using ActionStream.Core.Files;
using ActionStream.Host.Output;
using ActionStream.Inference.Configuration;
using ActionStream.Inference.Onnx;
using ActionStream.Models;
using ActionStream.Models.Graphs;
using Microsoft.Extensions.Logging;

namespace ActionStream.Bench.Gpu;

/// <summary>What somebody who measures a GPU asked for.</summary>
/// <param name="Time">Length of one point.</param>
internal sealed record GpuBenchOptions(DeviceRequest Device, string[] Presets, int[] Batches, TimeSpan Time, Precision Precision)
{
    public bool IsGpu => Device is not DeviceRequest.Cpu;
}

/// <summary>`bench gpu`: how near a model comes to what the device can do, and how many cameras that is.</summary>
/// <remarks>Every row is also told as it is measured: who is cut off keeps what there was. A step that fails
/// is noted, and the next one runs.</remarks>
internal sealed class GpuBench(GpuBenchOptions asked, ILoggerFactory log) : IDisposable
{
    private readonly TemporaryFolder _folder = new("bench");
    private readonly List<GpuRoofline> _rooflines = [];
    private readonly List<GpuPoint> _points = [];
    private readonly List<GpuOverlap> _overlaps = [];
    private readonly List<GpuCameras> _cameras = [];
    private readonly List<GpuEngine> _engines = [];
    private readonly List<GpuSustained> _sustained = [];
    private readonly List<GpuPlacement> _placements = [];
    private readonly List<GpuAnswers> _answers = [];
    private readonly List<GpuFailure> _failures = [];

    private string Numbers => asked.Precision == Precision.Fp16 ? "fp16" : "fp32";

    public async Task<BenchReport> MeasureAsync(CancellationToken cancel)
    {
        var gpu = GpuDevice.Describe();
        BenchLog.Write($"device {asked.Device}: {gpu ?? "no nvidia-smi"}; ONNX Runtime {OnnxSessionFactory.RuntimeVersion}");
        OpenAny();
        foreach (var numbers in (string[])["fp16", "tf32", "fp32"])
        {
            Try($"roofline {numbers}", () => Keep(_rooflines, Roofline(numbers)));
        }

        var best = _rooflines.Find(roofline => roofline.Numbers == Numbers)?.TflopsPerS ?? double.NaN;
        foreach (var preset in asked.Presets)
        {
            cancel.ThrowIfCancellationRequested();
            await TryAsync(preset, () => MeasureAsync(preset, best, cancel));
        }

        return new(
            "gpu",
            "What one device does with a model beside what it does with large products of matrices; whole windows and cached tokens; "
            + "copying beside computing. "
            + "Seeded weights, frames of noise. A multiply-accumulate counts as two operations in both.",
            $"./actionstream bench gpu --device {asked.Device.ToString().ToLowerInvariant()} --presets {string.Join(',', asked.Presets)} "
            + $"--batches {string.Join(',', asked.Batches)} "
            + $"--seconds {FormattableString.Invariant($"{asked.Time.TotalSeconds}")} --precision "
            + $"{asked.Precision.ToString().ToLowerInvariant()}",
            new
            {
                Gpu = gpu,
                Device = asked.Device.ToString().ToLowerInvariant(),
                Precision = asked.Precision.ToString().ToLowerInvariant(),
                SecondsPerPoint = asked.Time.TotalSeconds,
                Roofline = _rooflines,
                Curve = _points,
                Cameras = _cameras,
                Engine = _engines,
                Sustained = _sustained,
                Placement = _placements,
                Overlap = _overlaps,
                Answers = _answers,
                Failures = _failures,
            },
            Threshold.AtMost("failures", _failures.Count, 0));
    }

    private async Task MeasureAsync(string preset, double roofline, CancellationToken cancel)
    {
        using var model = new BenchModel(preset, new() { Split = true, Precision = asked.Precision, Form = GraphForm.Gpu });
        using var exact = new BenchModel(preset, new() { Split = true, Precision = Precision.Fp32, Form = GraphForm.Gpu });
        BenchLog.Write($"{preset} is built");
        var parts = new GpuParts(preset, model, asked, log);
        foreach (var part in parts.All)
        {
            Try($"{preset} {part.Name}", () => _points.AddRange(parts.Curve(part, roofline, Tell)));
            Try($"{preset} {part.Name} placement", () => Keep(_placements, parts.Placement(part, _folder.Path)));
        }

        Try($"{preset} cameras", () => Keep(_cameras, parts.Cameras(_points)));
        Try($"{preset} overlap", () => _overlaps.AddRange(parts.Overlaps(_folder.Path, Tell)));
        Try($"{preset} answers", () => new GpuAgreement(preset, exact, model, asked, log).Compare(answers => Keep(_answers, answers)));
        var engine = new GpuEngineRuns(preset, asked, log);
        GpuEngineCase[] cases =
        [
            new(model, Numbers, WindowPath.Cached, 0, IsPaced: !asked.IsGpu),
            .. asked.IsGpu
                ? [new(model, Numbers, WindowPath.Cached, Math.Min(64, asked.Batches.Max()), IsPaced: true)]
                : Array.Empty<GpuEngineCase>(),
            new(model, Numbers, WindowPath.Full, 0, IsPaced: false),
            .. asked.Precision == Precision.Fp32
                ? Array.Empty<GpuEngineCase>()
                : [new(exact, "fp32", WindowPath.Cached, 0, IsPaced: false)],
        ];
        foreach (var one in cases)
        {
            await TryAsync(
                $"{preset} engine {one.Numbers} {one.Path} {one.Batch}",
                async () => Keep(_engines, await engine.RunAsync(one, sustained => Keep(_sustained, sustained), cancel)));
        }
    }

    public void Dispose() => _folder.Dispose();

    // A device that loads may still be missing: that ends the verb, and is no failure of every step.
    private void OpenAny()
    {
        var path = _folder.At("any.onnx");
        GpuGraphs.SaveCopy(path, length: 64);
        using var loop = new GraphLoop(path, GpuParts.Factory(asked, log));
        BenchLog.Write($"runs on {loop.Device}");
    }

    private GpuRoofline Roofline(string numbers)
    {
        // Large enough that products are all that counts, and on a CPU small enough to end.
        var (n, products) = asked.IsGpu ? (8192, numbers == "fp32" ? 4 : 16) : (256, 2);
        var path = _folder.At($"{numbers}.onnx");
        GpuGraphs.SaveProducts(path, n, products, numbers == "fp16" ? ElementType.F16 : ElementType.F32);
        using var loop = new GraphLoop(path, GpuParts.Factory(asked, log, allowsTf32: numbers == "tf32"));
        var seconds = loop.SecondsPerRun(n, 1, Feeding.Once, asked.Time, TimeProvider.System) / products;
        return new(numbers, n, products, Math.Round(seconds * 1e3, 4), Math.Round(GpuFigures.Teraflops(Math.Pow(n, 3), 1 / seconds), 6));
    }

    private static void Keep<T>(List<T> rows, T row)
    {
        rows.Add(row);
        Tell(row!);
    }

    private static void Tell(object row) => BenchLog.Write($"{row.GetType().Name} {AnswerJson.ToNode(row)!.ToJsonString()}");

    private void Try(string step, Action work)
    {
        try
        {
            work();
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            Note(step, failed);
        }
    }

    private async Task TryAsync(string step, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            Note(step, failed);
        }
    }

    private void Note(string step, Exception failed)
    {
        _failures.Add(new(step, failed.Message.ReplaceLineEndings(" ")));
        BenchLog.Write($"{step} FAILED: {failed}");
    }
}
