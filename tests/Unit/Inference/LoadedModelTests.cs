using ActionStream.Core.Configuration;
using ActionStream.Core.Modelling;
using ActionStream.Inference;
using ActionStream.Inference.Scoring;

namespace ActionStream.Unit.Inference;

/// <summary>What stands in the way of a model is a problem with its card, not with the service.</summary>
public sealed class LoadedModelTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("model-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_that_cannot_be_read_is_a_problem()
    {
        var card = new ModelCard { Labels = ["walk", "fall"], Model = new() { Path = "model.onnx", Sha256 = new string('0', 64) } };
        using var held = new FileStream(Path.Combine(_folder, "model.onnx"), FileMode.Create, FileAccess.Write, FileShare.None);
        var check = new ConfigCheck("card.yaml");
        LoadedModel.CheckFiles(_folder, card, check);
        var problem = Assert.Single(check.Problems);
        Assert.Equal("model.path", problem.Path);
        Assert.Contains("is model.onnx; it cannot be read: ", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_first_run_that_fails_is_a_problem()
    {
        var refused = Assert.Throws<ConfigException>(() => LoadedModel.Running<bool>(
            new ConfigCheck("card.yaml"), new ModelCard { Model = new() { Path = "model.onnx" } },
            () => throw new ScoringException(ScoringException.OutOfMemory, "Failed to allocate memory\nand so on")));
        Assert.Contains(
            "is model.onnx; it can be read and does not run: Failed to allocate memory", Assert.Single(refused.Problems).ToString(),
            StringComparison.Ordinal);
    }
}
