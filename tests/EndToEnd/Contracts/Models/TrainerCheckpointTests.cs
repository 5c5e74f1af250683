using System.Text.Json;
using ActionStream.EndToEnd.Support;
using ActionStream.Models;
using ActionStream.Models.Checkpoints;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Contracts.Models;

/// <summary>Checkpoints as trainers really write them, by torch.save itself: what lies beside the weights, the names of their
/// part, what wrappers put before every name.</summary>
public sealed class TrainerCheckpointTests(ITestOutputHelper output) : IDisposable
{
    private const string Preset = "uniformer-xxs-16x160";

    // Each array is one number, expanded, so that the files are small.
    private const string Script = """
        import argparse, collections, json, pathlib, sys
        import numpy, torch
        shapes, out = json.load(open(sys.argv[1])), pathlib.Path(sys.argv[2])
        def weights(value, prefix=""):
            return collections.OrderedDict((prefix + name, torch.tensor(value).expand(shape)) for name, shape in shapes.items())
        parameter = torch.nn.Parameter(torch.zeros(3)); optimizer = torch.optim.AdamW([parameter], lr=0.1)
        parameter.sum().backward(); optimizer.step()
        beside = dict(
            epoch=3, args=argparse.Namespace(lr=0.1, where=pathlib.PurePosixPath("/data"), tags={"a"}, device=torch.device("cpu")),
            best=numpy.float64(0.7), dtype=torch.float32, optimizer=optimizer.state_dict(),
            random=numpy.random.get_state(), history=collections.defaultdict(list, loss=[numpy.float32(1)]))
        ours = weights(1.0)
        files = dict(
            timm={**beside, "state_dict": ours, "state_dict_ema": weights(2.0)},
            uniformer={**beside, "model": ours, "model_ema": weights(2.0)},
            net={**beside, "net": weights(1.0, "module.")},
            compiled={**beside, "model": weights(1.0, "_orig_mod.")},
            lightning={**beside, "hyper_parameters": beside["args"],
                       "state_dict": {**weights(1.0, "model."), **weights(2.0, "ema_model."), "loss.weight": torch.ones(4)}},
            only_ema={**beside, "model_ema": ours},
            parameters={**beside, "model": {name: torch.nn.Parameter(array) for name, array in ours.items()}},
            among={**beside, "model": {**ours, "scale": numpy.float64(1)}},
        )
        for name, saved in files.items():
            torch.save(saved, out / f"{name}.pth")
        torch.save(files["timm"], out / "legacy.pth", _use_new_zipfile_serialization=False)
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("trainers-").FullName;

    [NeedsFact("torch")]
    public async Task What_trainers_save_is_read_by_its_weights_alone_and_the_part_that_is_asked_for()
    {
        await SaveAllAsync();
        (string File, string Part, string Prefix, string[] Averaged)[] expected =
        [
            ("timm", "state_dict", "", ["state_dict_ema"]),
            ("legacy", "state_dict", "", ["state_dict_ema"]),
            ("uniformer", "model", "", ["model_ema"]),
            ("net", "net", "module.", []),
            ("compiled", "model", "_orig_mod.", []),
            ("lightning", "state_dict", "", []), // which of its names are wanted, a preset decides
            ("only_ema", "model_ema", "", []),
            ("parameters", "model", "", []),
        ];
        foreach (var (file, part, prefix, averaged) in expected)
        {
            var read = Checkpoint.Open(At(file));
            output.WriteLine($"{file}: {read.Part} {read.Prefix}");
            Assert.Equal((part, prefix), (read.Part, read.Prefix));
            Assert.Equal(averaged, read.Averaged);
        }

        foreach (var (file, part) in ((string, string)[])[("uniformer", "model_ema"), ("lightning", "ema_model")])
        {
            var asked = Checkpoint.Open(At(file), part);
            Assert.Equal(part, asked.Part);
            Assert.True(CheckpointFit.Of(Presets.Named(Preset), asked, Presets.Named(Preset).Measures).IsComplete, file);
            Assert.All(asked.Read("head.bias", [400]), value => Assert.Equal(2f, value));
        }

        Assert.Matches(
            @"scale in its model is no array but an object \(numpy\._?core\.multiarray\.scalar\)",
            Assert.Throws<CheckpointException>(() => Checkpoint.Open(At("among"))).Message);

        var (imported, text, whole) = await Service.RunAsync(
            ["models", "import", At("lightning"), "--as", Preset, "--frames", "4", "--size", "64", "--out",
                Path.Combine(_folder, "model")]);
        output.WriteLine(text);
        Assert.True(imported == 0, whole);
        Assert.Contains("every name in it begins with model., which was taken off", text, StringComparison.Ordinal);
        Assert.Contains("not taken: ema_model, averaged weights, which are often the better ones: --part ema_model", text,
            StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string At(string file) => Path.Combine(_folder, file + ".pth");

    private async Task SaveAllAsync()
    {
        var architecture = Presets.Named(Preset);
        var weights = new Weights(new NoNumbers());
        _ = architecture.Make(weights, architecture.Measures);
        var shapes = Path.Combine(_folder, "shapes.json");
        await File.WriteAllTextAsync(shapes, JsonSerializer.Serialize(
            weights.Taken.DistinctBy(weight => weight.Name).ToDictionary(weight => weight.Name, weight => weight.Shape)));
        await using var python = new Child("/usr/bin/python3", ["-c", Script, shapes, _folder]);
        Assert.True(await python.ExitAsync(TimeSpan.FromMinutes(2)) == 0, python.All);
    }
}
