using System.Globalization;
using System.Runtime.InteropServices;
using ActionStream.Core.Configuration;
using ActionStream.Core.Modelling;
using ActionStream.EndToEnd.Support;
using ActionStream.Host.Configuration;
using ActionStream.Inference;
using ActionStream.Inference.Configuration;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Foreign;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML.OnnxRuntime;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Contracts.Inference;

/// <summary>Other people's files, adopted: bytes in give what their makers' code gives.</summary>
public sealed class ForeignModelTests(ITestOutputHelper output) : IDisposable
{
    private const double Tolerance = 2e-5;

    private readonly string _folder = Directory.CreateTempSubdirectory("actionstream-foreign-").FullName;

    [NeedsFact("torch")]
    public async Task Networks_exported_by_PyTorch_in_every_layout_give_its_answers_from_bytes()
    {
        var script = Path.Combine(Parts.Root, "tests", "EndToEnd", "Contracts", "Inference", "export_foreign.py");
        await using var python = new Child("/usr/bin/python3", [script, _folder]);
        Assert.True(await python.ExitAsync(TimeSpan.FromMinutes(1)) == 0, python.All);

        var cases = File.ReadAllLines(Path.Combine(_folder, "cases.txt"));
        Assert.Equal(11, cases.Length);
        foreach (var one in cases.Select(line => line.Split('\t')))
        {
            var (name, clips, frames) =
                (one[0], int.Parse(one[1], CultureInfo.InvariantCulture), int.Parse(one[2], CultureInfo.InvariantCulture));
            var card = Path.Combine(_folder, name + ".yaml");
            File.WriteAllText(card, one[3].Replace("\\n", "\n", StringComparison.Ordinal) + "interval: 100ms\nlabels: [a, b, c, d, e]\n");
            var folder = Path.Combine(_folder, name);
            var adopted = ForeignModel.Adopt(Path.Combine(_folder, name + ".onnx"), AdoptCard.Load(card), folder);
            Load(adopted.Card, folder).Dispose();
            Assert.Equal(name == "ncthw_softmax" ? Activation.None : Activation.Softmax, adopted.Card.Output.Activation);

            var pixels = File.ReadAllBytes(Path.Combine(_folder, name + ".frames"));
            var expected = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(_folder, name + ".answers"))).ToArray();
            using var session = new InferenceSession(Path.Combine(folder, "model.onnx"));
            var batch = session.InputMetadata["frames"].Dimensions[0] == 1 ? 1 : clips;
            var actual = pixels.Chunk(pixels.Length / clips * batch)
                .SelectMany(some => session.RunAll(some, batch, frames, 32, 48, 3)[adopted.Card.Output.Name]).ToArray();
            var difference = Graphs.Difference(actual, expected);
            output.WriteLine($"{name} ({adopted.Layout}): {difference:e2}");
            Assert.True(difference <= Tolerance, $"{name} differs by {difference:e2}");
        }
    }

    [NeedsFact("shared")]
    public void A_published_file_gives_its_reference_numbers_behind_the_prelude_and_takes_bytes_before_it()
    {
        var golden = Path.Combine(Parts.Shared, "golden", "foreign");
        var file = SafeTensors.Open(Path.Combine(golden, "uniformer_tiny.safetensors"));
        var options = new AdoptOptions
        {
            Scale = 1 / 255.0,
            Mean = [0.45],
            Std = [0.225],
            Colour = ColourOrder.Rgb,
            Interval = TimeSpan.FromMilliseconds(133),
            Activation = Activation.Softmax,
            Labels = ["archery", "bowling", "dancing", "juggling", "yoga"],
        };
        var adopted = ForeignModel.Adopt(Path.Combine(golden, "uniformer_tiny.onnx"), options, _folder);
        using var model = Load(adopted.Card, _folder);
        Assert.Equal(ForeignLayout.Ncthw, adopted.Layout);

        var shape = file.ShapeOf("input", null)!;
        long[] axes = [.. shape.Select(axis => (long)axis)];
        using var bare = new InferenceSession(ForeignModel.WithoutPrelude(adopted.Files[0].Path)!);
        var behind = Graphs.Difference(bare.Run(file.Read("input", shape), axes), file.Read("output", []));

        // The same clip as a camera would send it: rounded to bytes, channels last.
        var raw = file.Read("input.raw01", shape);
        int n = shape[0], voxels = shape[2] * shape[3] * shape[4];
        var bytes = new byte[raw.Length];
        var rounded = new float[raw.Length];
        for (var i = 0; i < raw.Length; i++)
        {
            var (clip, colour, voxel) = (i / (3 * voxels), i / voxels % 3, i % voxels);
            var value = (byte)Math.Round(raw[i] * 255);
            bytes[(((clip * voxels) + voxel) * 3) + colour] = value;
            rounded[i] = (float)(((value / 255.0) - 0.45) / 0.225);
        }

        using var whole = new InferenceSession(adopted.Files[0].Path);
        var before = Graphs.Difference(whole.Run(bytes, n, shape[2], shape[3], shape[4], 3), bare.Run(rounded, axes));
        output.WriteLine($"behind the prelude {behind:e2}, through it {before:e2}");
        Assert.True(behind <= Tolerance && before <= Tolerance);
    }

    private static LoadedModel Load(ModelCard card, string folder)
    {
        CardFile.Save(card, folder);
        return LoadedModel.Load(
            folder, CardFile.Load(folder), new ConfigCheck("card.yaml"), new InferenceOptions { Device = DeviceRequest.Cpu },
            TimeProvider.System, NullLogger<LoadedModel>.Instance);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
