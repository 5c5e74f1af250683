using ActionStream.Models;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Networks;

namespace ActionStream.Unit.Models;

public sealed class CheckpointFitTests : IDisposable
{
    private const string Mini = "factorised-tokenlearner-vivit-mini";

    private readonly string _folder = Directory.CreateTempSubdirectory("actionstream-fit-").FullName;

    [Fact]
    public void A_checkpoint_finds_its_preset_and_its_classes()
    {
        var file = Of(classes: 5);

        Assert.Equal(5, CheckpointFit.ClassesOf(Presets.Named(Mini), file));
        var (preset, fit) = CheckpointFit.Rank(file)[0];
        Assert.Equal((Mini, true, 1.0), (preset.Name, fit.IsComplete, fit.Share));
    }

    [Fact]
    public void A_model_is_built_from_a_checkpoint_as_it_would_be_from_the_weights_in_it()
    {
        var built = ModelBuilder.Build(Mini, Of(classes: 5), "weights.safetensors", new() { Seed = 9 }, Path.Combine(_folder, "file"));
        var same = ModelBuilder.Build(Mini, new() { Seed = 1, Classes = 5 }, Path.Combine(_folder, "seed"));

        Assert.Equal(same.Files[0].Sha256, built.Files[0].Sha256);
        Assert.Equal((true, "weights.safetensors", 5), (built.Card.Trained, built.Card.Source, built.Card.Labels.Count));
    }

    [Fact]
    public void What_is_missing_misshapen_or_unused_is_named_at_once()
    {
        var arrays = Of(classes: 5).Arrays.ToDictionary(array => array.Name, array => (array.Shape.ToArray(), new float[array.Elements]));
        arrays.Remove("cls_TemporalTransformer");
        arrays["embedding/bias"] = ([7], new float[7]);
        arrays["surplus"] = ([1], [0]);

        var wrong = Assert.Throws<ModelBuildException>(() => ModelBuilder.Build(Mini, new FakeCheckpoint(arrays), "x.pth", new(), _folder));

        Assert.Equal(
            $"x.pth does not fit {Mini}: 1 missing: cls_TemporalTransformer [1, 1, 128]; 1 of another shape: "
            + "embedding/bias is [7] and should be [128]; 1 without use here: surplus",
            wrong.Message);
    }

    [Fact]
    public void A_network_begins_where_another_ended()
    {
        var built = ModelBuilder.Initialise(Mini, Of(classes: 5), "vit.msgpack", new() { Classes = 7 }, Inflation.CentralFrame, _folder);

        Assert.False(built.Card.Trained);
        Assert.Equal("initialised from vit.msgpack, not trained since", built.Card.Source);
        Assert.Equal(
            ["output_projection/kernel", "output_projection/bias"],
            built.Initialised.Where(array => array.Origin == InitialWeights.Seeded).Select(array => array.Name));

        var other = new FakeCheckpoint(new Dictionary<string, (int[], float[])> { ["fc.weight"] = ([1], [0]) });
        Assert.Contains(
            "nothing in r50.pth can be carried over",
            Assert.Throws<ModelBuildException>(
                () => ModelBuilder.Initialise(Mini, other, "r50.pth", new(), Inflation.CentralFrame, _folder)).Message,
            StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static FakeCheckpoint Of(int classes) =>
        FakeCheckpoint.Of(weights => Presets.Named(Mini).Make(weights, Presets.Named(Mini).Measures with { Classes = classes }));
}
