using System.Globalization;
using ActionStream.EndToEnd.Contracts.Inference;
using ActionStream.EndToEnd.Support;
using ActionStream.Models;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;
using ActionStream.Models.Networks;
using ActionStream.Models.TokenLearner;
using Microsoft.ML.OnnxRuntime;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Measurements;

/// <summary>What full-size models cost on one thread of this machine. Seeded weights: speed does not ask what was learned.</summary>
/// <remarks>`make measure-models`.</remarks>
public sealed class SpeedTests(ITestOutputHelper output) : IDisposable
{
    private const int Turns = 7;
    private const double MostMemory = 6e9;

    private readonly string _folder = Directory.CreateTempSubdirectory("actionstream-speed-").FullName;

    [MeasureFact]
    public void Full_size_presets_build_load_and_run()
    {
        string[] names =
        [
            "uniformer-xxs-8x128", "uniformer-xxs-16x160", "uniformer-s-16x4",
            "factorised-tokenlearner-vivit-ti", "factorised-tokenlearner-vivit-s", "factorised-tokenlearner-vivit-b",
            "tokenlearner-vivit-b-16x2-8at6", "r2plus1d-34-32-bert",
        ];
        output.WriteLine("| preset | build, s | file, MB | load, s | one clip, one thread | GMAC/s | memory taken at most, MiB |");
        output.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var name in names)
        {
            var preset = Presets.Named(name);
            if (FlopCounter.Count(preset).Parameters * 4.0 * 6 is var likely && likely > MostMemory)
            {
                Line($"| {name} | skipped: may need {likely / 1e9:0} GB of memory |");
                continue;
            }

            GC.Collect();
            ForgetPeak();
            var held = Peak(); // what earlier work left in the process
            var folder = Path.Combine(_folder, name);
            BuiltModel? built = null;
            var build = Timing.Milliseconds(() => built = ModelBuilder.Build(name, new(), folder));
            InferenceSession? session = null;
            var load = Timing.Milliseconds(() => session = Open(built!.Files[0].Path));
            using (session)
            {
                var clip = Bytes(preset.Measures);
                var run = Timing.Of(
                    () => Assert.All(Run(session!, preset.Measures, clip), logit => Assert.True(float.IsFinite(logit))), Turns);
                var size = new DirectoryInfo(folder).EnumerateFiles().Sum(file => file.Length);
                Line($"| {name} | {build / 1e3:0.00} | {size / 1e6:0.0} | {load / 1e3:0.00} | {run} | {built!.Macs / run.Median / 1e6:0} | {Peak() - held} |");
            }

            Directory.Delete(folder, recursive: true);
        }
    }

    [MeasureFact]
    public void Eight_learned_tokens_from_the_middle_on_take_little_more_than_half_the_time_of_a_plain_ViT()
    {
        using var plain = Graphs.Open(Picture(learning: null));
        using var learned = Graphs.Open(Picture(new(Tokens: 8, At: 6)));
        var measures = new Measures(Frames: 1, 224, 224, Classes: 1000);
        var picture = Bytes(measures);
        var (with, without, ratio) = Timing.OfPairs(() => Run(learned, measures, picture), () => Run(plain, measures, picture), 3 * Turns);
        Line($"TokenLearner ViT-B/16, 8 at 6: {with}; plain ViT-B/16: {without}; ratio {ratio:0.000}");
        Assert.True(ratio <= 0.55, $"{ratio:0.000}");
    }

    [MeasureFact]
    public void Whole_numbers_are_quicker_and_halves_are_smaller()
    {
        foreach (var name in (string[])["factorised-tokenlearner-vivit-ti", "factorised-tokenlearner-vivit-s"])
        {
            var measures = Presets.Named(name).Measures;
            var files = Enum.GetValues<Precision>().ToDictionary(
                precision => precision,
                precision =>
                    ModelBuilder.Build(name, new() { Precision = precision }, Path.Combine(_folder, $"{name}-{precision}")).Files[0]);
            using var full = Open(files[Precision.Fp32].Path);
            using var whole = Open(files[Precision.Int8].Path);
            using var half = Open(files[Precision.Fp16].Path);
            var clip = Bytes(measures);
            float[] exact = [], rough = [];
            var (before, after, ratio) = Timing.OfPairs(
                () => exact = Run(full, measures, clip), () => rough = Run(whole, measures, clip), Turns);
            var halved = Graphs.Difference(Run(half, measures, clip), exact);
            Line($"{name}: fp32 {before}, int8 {after}, {ratio:0.00}x as fast; int8 differs by {Graphs.Difference(rough, exact):e1} of the largest logit, fp16 by {halved:e1}");
            Line($"  MB: fp32 {files[Precision.Fp32].Bytes / 1e6:0.0}, fp16 {files[Precision.Fp16].Bytes / 1e6:0.0}, int8 {files[Precision.Int8].Bytes / 1e6:0.0}");
            Assert.True(ratio >= 1, $"{ratio:0.00}");
        }
    }

    private static Graph Picture(TokenLearning? learning)
    {
        var grid = new PatchGrid(1, 16, 224, 224) { IsFrame = true };
        var shape = new TokenLearnerViTShape(
            1, grid, new EncoderShape(Layers: 12, Width: 768, Heads: 12, Hidden: 3072), learning, TokenSummary.Mean,
            Representation: null, Classes: 1000);
        return ModelGraphs.Whole(new TokenLearnerViT(new Weights(new SeededWeights(1)), shape), new(1, 224, 224, 1000));
    }

    private static InferenceSession Open(string path)
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        return new InferenceSession(path, options);
    }

    private static float[] Run(InferenceSession session, Measures clip, byte[] pixels) =>
        session.Run(pixels, 1, clip.Frames, clip.Height, clip.Width, 3);

    private static byte[] Bytes(Measures clip)
    {
        var bytes = new byte[clip.Frames * clip.Height * clip.Width * 3];
        new Random(5).NextBytes(bytes);
        return bytes;
    }

    private void Line(FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    // Linux counts a process' largest memory anew when asked to.
    private static void ForgetPeak()
    {
        if (OperatingSystem.IsLinux())
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
    }

    private static long Peak() => OperatingSystem.IsLinux()
        ? long.Parse(File.ReadLines("/proc/self/status").First(line =>
            line.StartsWith("VmHWM:", StringComparison.Ordinal))[6..^2], CultureInfo.InvariantCulture) / 1024
        : 0;

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
