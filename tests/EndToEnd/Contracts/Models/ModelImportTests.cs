using System.Buffers.Binary;
using System.Text.Json;
using ActionStream.EndToEnd.Support;
using ActionStream.Models;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Networks;

namespace ActionStream.EndToEnd.Contracts.Models;

public sealed class ModelImportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("import-").FullName;

    [Fact]
    public void A_full_size_checkpoint_becomes_a_model_with_the_classes_that_it_knows()
    {
        var file = Write("uniformer-xxs-16x160", classes: 17, more: ["aux.weight"]);
        var imported = ModelImport.Import(file, "uniformer-xxs-16x160", new BuildOptions { Frames = 4, Size = 64 }, _folder);

        Assert.Equal(
            ("safetensors", 17, true, "Apache-2.0"),
            (imported.Container, imported.Built.Card.Labels.Count, imported.Built.Card.Trained, imported.Built.Card.Licence));
        Assert.Equal(
            ["aux.weight", "head_cls.bias", "head_cls.weight", "norm_cls.bias", "norm_cls.weight"],
            imported.Unused.Order(StringComparer.Ordinal));
        Assert.True(File.Exists(Path.Combine(_folder, "model.onnx")));
    }

    [Fact]
    public void A_checkpoint_with_more_inside_than_the_model_has_is_refused_unless_that_is_allowed()
    {
        var file = Write("uniformer-xxs-16x160", classes: 3, more: ["blocks3.8.attn.proj.bias"]);
        var refused = Assert.Throws<ModelBuildException>(() => Import(file, "uniformer-xxs-16x160"));
        Assert.Contains(
            "1 arrays that uniformer-xxs-16x160 has no place for, such as blocks3.8.attn.proj.bias", refused.Message,
            StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_folder, "model.onnx")));

        Assert.Contains(
            "blocks3.8.attn.proj.bias",
            ModelImport.Import(file, "uniformer-xxs-16x160", new BuildOptions(), _folder, allowUnused: true).Unused);
    }

    [NeedsFact("shared")]
    public void A_checkpoint_of_something_else_is_refused_by_the_names_that_do_not_fit()
    {
        var file = Path.Combine(Parts.Shared, "golden", "pth", "light_training_zip.pth");
        var refused = Assert.Throws<ModelBuildException>(() => Import(file, "uniformer-xxs-16x160"));
        Assert.Contains("is no checkpoint of uniformer-xxs-16x160", refused.Message, StringComparison.Ordinal);
        Assert.Contains(
            "patch_embed1.proj.0.weight is [4, 3, 3, 3, 3]; expected [28, 3, 3, 3, 3]", refused.Message, StringComparison.Ordinal);
        Assert.Contains("more", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_checkpoint_becomes_halves_or_bytes_where_the_command_asks_for_them()
    {
        var file = Write("factorised-tokenlearner-vivit-mini", classes: 16, more: []);
        var sizes = new Dictionary<string, double>();
        foreach (var precision in (string[])["fp32", "fp16", "int8"])
        {
            var model = Path.Combine(_folder, precision);
            var (code, output, all) = await Service.RunAsync(
                [
                    "models", "import", file, "--as", "factorised-tokenlearner-vivit-mini", "--precision", precision,
                    "--out", model, "--json",
                ]);
            Assert.True(code == 0, all);
            using var answer = JsonDocument.Parse(output);
            sizes[precision] = answer.RootElement.GetProperty("files")[0].GetProperty("bytes").GetInt64();
        }

        Assert.InRange(sizes["fp16"] / sizes["fp32"], 0.45, 0.6);
        Assert.InRange(sizes["int8"] / sizes["fp32"], 0.2, 0.45);
    }

    private void Import(string file, string preset) => ModelImport.Import(file, preset, new BuildOptions(), _folder);

    // A .safetensors file of zeros with the names and shapes of a preset, and more.
    private string Write(string preset, int classes, string[] more)
    {
        var architecture = Presets.Named(preset);
        var weights = new Weights(new NoNumbers());
        _ = architecture.Make(weights, architecture.Measures with { Classes = classes });
        var table = new Dictionary<string, object>();
        var end = 0L;
        foreach (var (name, shape)
            in weights.Taken.Select(weight => (weight.Name, weight.Shape)).Concat(more.Select(name => (name, (IReadOnlyList<int>)[2]))))
        {
            var start = end;
            end += shape.Aggregate(4L, (product, side) => product * side);
            table[name] = new { dtype = "F32", shape, data_offsets = new[] { start, end } };
        }

        var path = Path.Combine(_folder, "weights.safetensors");
        var header = JsonSerializer.SerializeToUtf8Bytes(table);
        using var file = File.Create(path);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        file.Write(length);
        file.Write(header);
        file.SetLength(file.Position + end);
        return path;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
