using System.Text.Json;
using ActionStream.Core.Modelling;
using ActionStream.EndToEnd.Contracts.Ingest;
using ActionStream.EndToEnd.Support;
using ActionStream.Host.Configuration;
using ActionStream.Models.Graphs;
using Attribute = ActionStream.Models.Graphs.Attribute;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>Models that are broken, or answer what is no score: refused with the reason, or their answers never heard of.</summary>
public sealed class BadModelTests : IDisposable
{
    private const int Frames = 16;

    private readonly string _folder = Directory.CreateTempSubdirectory("bad-model").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("cut short", "model.path is model.onnx; ONNX Runtime cannot read it")]
    [InlineData("garbage", "model.path is model.onnx; ONNX Runtime cannot read it")]
    [InlineData("of a later operator set", "model.path is model.onnx; ONNX Runtime cannot read it")]
    [InlineData("of other classes", "its output logits is [N, 16]; expected [N, 3]")]
    [InlineData("exchanged", "model.sha256 is ")]
    public async Task A_model_that_is_broken_is_refused_with_the_reason(string how, string words)
    {
        Save(denominator: "Exp", numerator: "Exp");
        var file = Path.Combine(_folder, "model.onnx");
        var bytes = await File.ReadAllBytesAsync(file);
        switch (how)
        {
            case "cut short":
                await File.WriteAllBytesAsync(file, bytes[..(bytes.Length / 2)]);
                break;
            case "garbage":
                await File.WriteAllTextAsync(file, "no model");
                break;
            case "of a later operator set":
                var model = OnnxFile.Load(file);
                model.OpsetImport[0].Version = 99;
                OnnxFile.Save(model, file);
                break;
            case "of other classes":
                CardFile.Save(CardFile.Load(_folder) with { Labels = ["a", "b", "c"] }, _folder);
                break;
            default:
                var card = CardFile.Load(_folder);
                CardFile.Save(card with { Model = card.Model with { Sha256 = new string('a', 64) } }, _folder);
                break;
        }

        var config = Path.Combine(_folder, "site.yaml");
        await File.WriteAllTextAsync(
            config, $$"""
            model: {path: "{{_folder}}", device: cpu}
            http: {port: 0}
            cameras: {a: {url: "lavfi:testsrc2=size=64x64:rate=25"} }
            """);
        foreach (var verb in (string[])["check", "run"])
        {
            var (code, _, all) = await Service.RunAsync([verb, "-c", config]);
            Assert.True(code == 2, all);
            Assert.Contains(words, all, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ActionStream.", all, StringComparison.Ordinal);
        }
    }

    [NeedsTheory("ffmpeg")]
    [InlineData("NaN", "Identity")]
    [InlineData("infinite", "Exp")]
    public async Task Answers_that_are_no_numbers_are_counted_and_never_published(string what, string numerator)
    {
        Save(denominator: "Identity", numerator);
        var video = Path.Combine(_folder, what + ".mp4");
        await File.WriteAllBytesAsync(video, Videos.Output(
            "-f lavfi -i testsrc2=size=112x112:rate=8 -t 4 -c:v libx264 -preset ultrafast -pix_fmt yuv420p "
            + "-movflags frag_keyframe -f mp4"));

        var (_, output, all) = await Service.RunAsync(["replay", video, "--model", _folder, "--json"]);
        Assert.True(output.StartsWith('{'), all);
        using var answer = JsonDocument.Parse(output);
        Assert.Empty(answer.RootElement.GetProperty("scores").EnumerateArray());
        Assert.Empty(answer.RootElement.GetProperty("events").EnumerateArray());
        Assert.True(answer.RootElement.GetProperty("skipped").GetProperty("invalid_output").GetInt64() > 0, output);
    }

    // Numerator over denominator, each a function of zero: 0/0, 1/0, or 1/1.
    private void Save(string denominator, string numerator)
    {
        var graph = new Graph("bad", GraphForm.Portable);
        var frames = graph.Input("frames", ElementType.U8, ["N", Frames, 112, 112, 3]);
        var mean = graph.Node("Cast", [frames], ElementType.F32, ["N", Frames, 112, 112, 3], Attribute.Of("to", (long)ElementType.F32))
            .MeanBehind(2); // [N, T], one number for each of as many labels
        var zero = graph.Node("Sub", [mean, mean], ElementType.F32, ["N", Frames]);
        Tensor Of(string op) => graph.Node(op, [zero], ElementType.F32, ["N", Frames]);
        graph.Output("logits", graph.Node("Div", [Of(numerator), Of(denominator)], ElementType.F32, ["N", Frames]));
        OnnxFile.Save(graph, Path.Combine(_folder, "model.onnx"));
        CardFile.Save(
            new ModelCard
            {
                Name = "bad",
                Input = new() { Frames = Frames, Height = 112, Width = 112, Interval = TimeSpan.FromMilliseconds(125) },
                Labels = [.. Enumerable.Range(0, Frames).Select(i => $"label_{i}")],
            },
            _folder);
    }
}
