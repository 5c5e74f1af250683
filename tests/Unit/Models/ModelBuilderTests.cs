using System.Security.Cryptography;
using ActionStream.Core.Configuration;
using ActionStream.Models;
using ActionStream.Models.Graphs;
using ActionStream.Models.Networks;

namespace ActionStream.Unit.Models;

public sealed class ModelBuilderTests : IDisposable
{
    private const string Mini = "factorised-tokenlearner-vivit-mini";

    private readonly string _folder = Directory.CreateTempSubdirectory("actionstream-build-").FullName;

    [Fact]
    public void The_demo_model_is_built_with_its_card_and_halves()
    {
        var steps = new List<string>();
        var built = ModelBuilder.Build(Mini, new() { Split = true }, _folder, new Steps(steps));

        var card = built.Card;
        var check = new ConfigCheck("card.yaml");
        card.Check(check);
        Assert.Empty(check.Problems);
        Assert.False(card.Trained);
        Assert.Equal(
            (16, 112, 112, TimeSpan.FromMilliseconds(125)), (card.Input.Frames, card.Input.Height, card.Input.Width, card.Input.Interval));
        Assert.Equal((16, "idle"), (card.Labels.Count, card.Output.Background));
        Assert.Equal((2, 8, 128), (card.Streaming!.Tubelet, card.Streaming.Tokens, card.Streaming.Width));
        Assert.Equal(["model.onnx", "frame_encoder.onnx", "temporal_head.onnx"], built.Files.Select(file => Path.GetFileName(file.Path)));
        Assert.All(built.Files, file => Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file.Path))), file.Sha256));
        Assert.Equal(
            built.Files.Select(file => file.Sha256),
            [card.Model.Sha256, card.Streaming.FrameEncoder.Sha256, card.Streaming.TemporalHead.Sha256]);
        Assert.Equal((1_405_528, 436_558_336), (built.Parameters, built.Macs));
        Assert.Equal(["writing model.onnx", "writing frame_encoder.onnx", "writing temporal_head.onnx", "done"], steps);
    }

    [Fact]
    public void Equal_input_gives_equal_bytes_and_another_seed_another_model()
    {
        string Digest(int seed) => ModelBuilder.Build(Mini, new() { Seed = seed }, Path.Combine(_folder, $"{seed}")).Files[0].Sha256;

        Assert.Equal(Digest(1), Digest(1));
        Assert.NotEqual(Digest(1), Digest(2));
    }

    [Fact]
    public void Frames_size_and_labels_are_the_builders_choice()
    {
        var built = ModelBuilder.Build(Mini, new() { Frames = 8, Size = 64, Labels = ["fall", "rest"], Name = "falls" }, _folder);

        Assert.Equal(
            ("falls", 8, 64, null), (built.Card.Name, built.Card.Input.Frames, built.Card.Input.Width, built.Card.Output.Background));
        var summary = OnnxSummary.Read(built.Files[0].Path);
        Assert.Equal("frames uint8 [N, 8, 64, 64, 3]", summary.Inputs.Single().ToString());
        Assert.Equal("logits float32 [N, 2]", summary.Outputs.Single().ToString());
        Assert.Equal((20, "ActionStream"), (summary.Opset, summary.Producer));
        Assert.Contains(summary.Ops, op => op is { Key: "com.microsoft.MultiHeadAttention", Value: 6 });
        Assert.InRange(summary.Parameters, built.Parameters, built.Parameters + 500); // and the constants of scaling and norms

        Assert.Equal("class_004", ModelBuilder.Build(Mini, new() { Classes = 5 }, _folder).Card.Labels[4]);
    }

    [Theory]
    [InlineData(
        "factorised-tokenlearner-vivit-mimi", 0, 0,
        "there is no preset factorised-tokenlearner-vivit-mimi; did you mean factorised-tokenlearner-vivit-mini?")]
    [InlineData(
        "uniformer-xxs", 0, 0,
        "there is no preset uniformer-xxs; did you mean uniformer-xxs-4x128 or uniformer-xxs-4x160 or uniformer-xxs-8x128?")]
    [InlineData(
        "unifromer-small", 0, 0,
        "there is no preset unifromer-small; did you mean uniformer-s-8x8 or uniformer-s-16x4 or uniformer-s-16x8?")]
    [InlineData(Mini, 7, 0, "factorised-tokenlearner-vivit-mini: 7 frames do not divide in tubelets of 2")]
    [InlineData(Mini, 0, 100, "factorised-tokenlearner-vivit-mini: 100x100 does not divide in patches of 16 pixels")]
    public void What_cannot_be_built_is_said_in_words(string preset, int frames, int size, string problem) =>
        Assert.Equal(
            problem,
            Assert.Throws<ModelBuildException>(() => ModelBuilder.Build(preset, new() { Frames = frames, Size = size }, _folder)).Message);

    [Fact]
    public void A_damaged_file_is_refused_in_words()
    {
        var file = ModelBuilder.Build(Mini, new(), _folder).Files[0].Path;
        var bytes = File.ReadAllBytes(file);
        var broken = Path.Combine(_folder, "broken.onnx");
        foreach (var (content, problem) in new[]
        {
            (bytes[..(bytes.Length / 2)], "damaged"), ([], "no graph"), ("PNG is not ONNX"u8.ToArray(), "not an ONNX file"),
        })
        {
            File.WriteAllBytes(broken, content);
            Assert.Contains(problem, Assert.Throws<OnnxFileException>(() => OnnxSummary.Read(broken)).Message, StringComparison.Ordinal);
        }

        Assert.EndsWith(
            "there is no such file", Assert.Throws<OnnxFileException>(() => OnnxSummary.Read(Path.Combine(_folder, "none.onnx"))).Message,
            StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private sealed class Steps(List<string> seen) : IProgress<BuildProgress>
    {
        public void Report(BuildProgress value) => seen.Add(value.Step);
    }
}
