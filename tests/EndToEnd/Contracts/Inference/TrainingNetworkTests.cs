using ActionStream.EndToEnd.Support;
using ActionStream.Inference.Onnx;
using ActionStream.Models.Graphs;
using ActionStream.Models.Verifying;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Contracts.Inference;

/// <summary>What training/ learns is what the engine runs: PyTorch's numbers for the same weights, kept in the
/// repository by training/golden.py.</summary>
public sealed class TrainingNetworkTests(ITestOutputHelper output)
{
    private static readonly string Folder = Path.Combine(Parts.Root, "tests", "EndToEnd", "Contracts", "Inference");

    [Theory]
    [InlineData(GraphForm.Cpu)]
    [InlineData(GraphForm.Gpu)]
    [InlineData(GraphForm.Portable)]
    public void The_builder_gives_the_trainers_numbers(GraphForm form)
    {
        var folder = Directory.CreateTempSubdirectory("actionstream-training-").FullName;
        try
        {
            var golden = GoldenFile.Open(Path.Combine(Folder, "training_network.safetensors"));
            var file = Path.Combine(folder, "model.onnx");
            golden.WriteOnnx(file, form);
            var results = OnnxRun.Run(file, golden.Inputs().ToDictionary(input => input.Name, input => (input.Shape, input.Values)));
            var verification = Verification.Of(golden, results);
            output.WriteLine($"output {verification.Output.MaxAbs:e2}");
            Assert.True(verification.IsGood, $"output differs by {verification.Output.MaxRel:e2} of its largest number");
            Assert.True(verification.Output.MaxAbs <= 1e-4, $"{verification.Output.MaxAbs:e2}");
            Assert.Empty(verification.Unmarked);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [NeedsFact("/usr/bin/python3")]
    public async Task Fine_tuning_without_PyTorch_says_how_to_get_it()
    {
        var training = Path.Combine(Parts.Root, "training");
        await using var python = new Child(
            "/usr/bin/python3", ["-m", "unittest", "tests.test_finetune.FinetuneWordsTests.test_without_torch_it_says_how_to_get_it"],
            ("PYTHONPATH", training));
        var code = await python.ExitAsync(TimeSpan.FromMinutes(1));
        Assert.True(code == 0, python.All);
    }

    [NeedsFact("torch", "shared")]
    public async Task The_trainer_passes_its_own_tests()
    {
        var training = Path.Combine(Parts.Root, "training");
        await using var python = new Child(
            "/usr/bin/python3", ["-m", "unittest", "discover", "-s", Path.Combine(training, "tests"), "-t", training]);
        var code = await python.ExitAsync(TimeSpan.FromMinutes(4));
        output.WriteLine(python.All);
        Assert.True(code == 0, python.All);
    }
}
