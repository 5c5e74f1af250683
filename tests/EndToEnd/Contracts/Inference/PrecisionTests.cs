using ActionStream.Models;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Networks;
using Microsoft.ML.OnnxRuntime;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Contracts.Inference;

/// <summary>Other numbers than float32: how near the answers stay, how small the files become.</summary>
public sealed class PrecisionTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actionstream-precision-").FullName;

    [Theory]
    [InlineData("factorised-tokenlearner-vivit-mini", Precision.Fp16, 1e-2, 0.5)]
    [InlineData("factorised-tokenlearner-vivit-mini", Precision.Int8, 0.1, 0.3)]
    [InlineData("resnext3d-101-frmb-bert", Precision.Fp16, 1e-2, 0.5)]
    public void Another_precision_gives_nearly_the_same_answers_from_a_smaller_file(
        string name, Precision precision, double near, double share)
    {
        var preset = Presets.Named(name);
        var measures = preset.Measures with { Frames = 16, Height = 64, Width = 64 };
        var network = preset.Make(new Weights(new SeededWeights(7)), measures);
        var full = Save(network, measures, Precision.Fp32);
        var other = Save(network, measures, precision);

        var clips = Clips(2 * 16 * 64 * 64 * 3);
        var expected = Run(full.Path, clips);
        var actual = Run(other.Path, clips);
        var difference = Graphs.Difference(actual, expected);
        output.WriteLine($"{name} {precision}: {difference:e2} of the largest logit, {(double)other.Bytes / full.Bytes:f3} of the size");
        Assert.True(difference <= near, $"{difference:e2}");
        Assert.InRange((double)other.Bytes / full.Bytes, 0.2, share + 0.05);
        Assert.True(difference > 0, "nothing was rewritten");
    }

    [Fact]
    public void The_halves_of_a_split_model_are_rewritten_alike()
    {
        var built = ModelBuilder.Build("factorised-tokenlearner-vivit-mini", new() { Split = true, Precision = Precision.Fp16 }, _folder);
        foreach (var file in built.Files)
        {
            using var session = new InferenceSession(file.Path);
            Assert.All(session.OutputMetadata.Values, answer => Assert.Equal(typeof(float), answer.ElementType));
        }

        Assert.Equal(
            "tokens float32 [N, 8, 8, 128]",
            OnnxSummary.Read(built.Files.Single(file => file.Path.EndsWith("temporal_head.onnx", StringComparison.Ordinal)).Path).Inputs
                .Single().ToString());
    }

    [Fact]
    public void Large_arrays_lie_in_a_file_of_their_own_and_give_the_same_answers()
    {
        var preset = Presets.Named("factorised-tokenlearner-vivit-mini");
        var measures = preset.Measures with { Frames = 16, Height = 64, Width = 64 };
        var network = preset.Make(new Weights(new SeededWeights(7)), measures);
        var whole = Save(network, measures, Precision.Fp32);
        var parted = OnnxFile.Save(
            ModelGraphs.Whole(network, measures).ToModel(), Path.Combine(_folder, "parted.onnx"), mostInOneFile: 1_000_000);

        Assert.Null(whole.Data);
        Assert.Equal("parted.onnx.data", Path.GetFileName(parted.Data!.Path));
        Assert.True(parted.Bytes < 200_000 && parted.Data.Bytes > 5_000_000, $"{parted.Bytes} {parted.Data.Bytes}");
        Assert.Equal(OnnxSummary.Read(whole.Path).Parameters, OnnxSummary.Read(parted.Path).Parameters);
        var clips = Clips(2 * 16 * 64 * 64 * 3);
        Assert.Equal(Run(whole.Path, clips), Run(parted.Path, clips));
    }

    private OnnxFileSummary Save(INetwork network, Measures measures, Precision precision) => OnnxFile.Save(
        ModelGraphs.Whole(network, measures, form: precision == Precision.Fp16 ? GraphForm.Gpu : GraphForm.Cpu).ToModel().In(precision),
        Path.Combine(_folder, $"{precision}.onnx"));

    private static float[] Run(string path, byte[] clips)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using var session = new InferenceSession(path, options);
        return session.Run(clips, 2, 16, 64, 64, 3);
    }

    private static byte[] Clips(int bytes)
    {
        var clips = new byte[bytes];
        new Random(5).NextBytes(clips);
        return clips;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
