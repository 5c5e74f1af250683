using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using ActionStream.EndToEnd.Contracts.Inference;
using ActionStream.EndToEnd.Support;
using ActionStream.Models;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using Microsoft.ML.OnnxRuntime;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Measurements;

/// <summary>The same network with the same weights, written here and exported by PyTorch, in ONNX Runtime on one thread.</summary>
/// <remarks>`make measure-models`.</remarks>
public sealed class TorchSpeedTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actionstream-torch-speed-").FullName;

    [MeasureTheory("torch")]
    [InlineData("factorised-tokenlearner-vivit-ti", 15)]
    [InlineData("factorised-tokenlearner-vivit-s", 9)]
    [InlineData("vivit-b-16x2-fe", 5)]
    [InlineData("tokenlearner-vivit-s-16x2-8at6", 5)]
    [InlineData("uniformer-xxs-8x128", 15)]
    [InlineData("uniformer-xxs-16x160", 11)]
    [InlineData("uniformer-s-16x4", 7)]
    [InlineData("r2plus1d-34-32-bert", 7)]
    [InlineData("resnext3d-101-frmb-bert", 9)]
    [InlineData("resnext3d-101-frab-bert", 7)]
    [InlineData("i3d-bert", 7)]
    [InlineData("i3d-frmb-bert", 5)]
    public async Task A_network_is_as_quick_as_PyTorchs_export_of_it(string name, int turns)
    {
        var preset = Presets.Named(name);
        var measures = preset.Measures;
        var weights = new Weights(new SeededWeights(1));
        var network = preset.Make(weights, measures);
        Save(weights.Taken, Path.Combine(_folder, name + ".safetensors"));
        var script = Path.Combine(Parts.Root, "tests", "EndToEnd", "Measurements", "export_speed.py");
        await using var python = new Child("/usr/bin/python3", [script, _folder]);
        Assert.True(await python.ExitAsync(TimeSpan.FromMinutes(5)) == 0, python.All);

        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        using var ours = Graphs.Open(ModelGraphs.Whole(network, measures, ElementType.F32));
        using var theirs = new InferenceSession(Path.Combine(_folder, name + ".onnx"), options);

        // Both take floats in the network's own range, each in its own layout.
        var (t, h, w) = (measures.Frames, measures.Height, measures.Width);
        var random = new Random(5);
        var last = new float[t * h * w * 3];
        var first = new float[last.Length];
        for (var i = 0; i < last.Length; i++)
        {
            first[(i % 3 * t * h * w) + (i / 3)] = last[i] = (random.NextSingle() * 2) - 1;
        }

        float[] mine = [], other = [];
        var (torch, own, ratio) = Timing.OfPairs(
            () => other = theirs.Run(first, 1, 3, t, h, w), () => mine = ours.Run(last, 1, t, h, w, 3), turns);
        var difference = Graphs.Difference(mine, other);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: PyTorch's export {torch}, ours {own}, {ratio:0.000}x as fast; logits differ by {difference:e1} of the largest"));
        Assert.True(difference <= 1e-4, $"{difference:e1}");
        Assert.True(ratio >= 1, $"{ratio:0.000}");
    }

    private static void Save(IReadOnlyList<Weight> weights, string path)
    {
        var header = new Dictionary<string, object>();
        long at = 0;
        foreach (var weight in weights)
        {
            header[weight.Name] = new
            {
                dtype = "F32",
                shape = weight.Shape,
                data_offsets = new[] { at, at += weight.Elements * sizeof(float) },
            };
        }

        var text = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(header));
        using var file = File.Create(path);
        file.Write(BitConverter.GetBytes((long)text.Length));
        file.Write(text);
        foreach (var weight in weights)
        {
            file.Write(MemoryMarshal.AsBytes<float>(weight.Read()));
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
