using ActionStream.Core.Configuration;
using ActionStream.Core.Modelling;
using ActionStream.Inference;
using ActionStream.Inference.Configuration;
using ActionStream.Inference.Onnx;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.EndToEnd.Contracts.Inference;

public sealed class LoadedModelTests(ModelFolderFixture mini) : IClassFixture<ModelFolderFixture>
{
    private static readonly InferenceOptions OnCpu = new() { Device = DeviceRequest.Cpu };

    [Fact]
    public void A_built_model_loads_as_its_card_says()
    {
        using var model = Load(mini.Folder, mini.Card, OnCpu);

        Assert.Equal(("cpu", "cpu", false), (model.Requested, model.Device, model.IsGpu));
        Assert.Equal(1, model.Policy.MaxSize);
        Assert.Equal(Environment.ProcessorCount, model.Workers);
        Assert.False(model.Card.Trained);
    }

    [Fact]
    public void Every_problem_of_a_folder_is_named_at_once()
    {
        var folder = mini.Copy();
        File.WriteAllBytes(Path.Combine(folder, "frame_encoder.onnx"), [1, 2, 3]);
        File.Delete(Path.Combine(folder, "temporal_head.onnx"));
        var card = mini.Card with
        {
            Model = mini.Card.Model with { Sha256 = new string('a', 64) },
            Labels = [.. mini.Card.Labels, "moonwalk"],
            Input = mini.Card.Input with { Height = 96 },
        };

        var problems = Problems(folder, card);

        Assert.Collection(
            problems,
            problem => Assert.Matches("^card.yaml:1: model.sha256 is aaaaaaaaaaaa…; model.onnx has [0-9a-f]{12}…", problem),
            problem => Assert.Contains(
                "model.path is model.onnx; its input frames is [N, 16, 112, 112, 3]; expected [N, 16, 96, 112, 3]", problem,
                StringComparison.Ordinal),
            problem => Assert.Contains(
                "its output logits is [N, 16]; expected [N, 17], that is [N, one number for each of the card's 17 labels]", problem,
                StringComparison.Ordinal),
            problem => Assert.Contains("streaming.frame_encoder.sha256", problem, StringComparison.Ordinal),
            problem => Assert.Contains(
                "streaming.frame_encoder.path is frame_encoder.onnx; ONNX Runtime cannot read it", problem, StringComparison.Ordinal),
            problem => Assert.Contains(
                "streaming.temporal_head.path is temporal_head.onnx; there is no such file", problem, StringComparison.Ordinal));
    }

    [Fact]
    public void Streaming_parts_must_agree_with_the_card()
    {
        var card = mini.Card with { Streaming = mini.Card.Streaming! with { Tokens = 4, Width = 64, Attention = null } };

        var problems = Problems(mini.Folder, card);

        Assert.Equal(2, problems.Count);
        Assert.Contains(
            "its output tokens is [N, 8, 128]; expected [N, 4, 64], that is [N, tokens, width]", problems[0], StringComparison.Ordinal);
        Assert.Contains("its input tokens is [N, 8, 8, 128]; expected [N, 8, 4, 64]", problems[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_input_name_or_type_is_named()
    {
        var card = mini.Card with { Input = mini.Card.Input with { Name = "video" }, Streaming = null };
        Assert.Contains(
            "its inputs are frames; expected video alone", Assert.Single(Problems(mini.Folder, card)), StringComparison.Ordinal);

        card = mini.Card with
        {
            Model = mini.Card.Streaming!.TemporalHead,
            Input = mini.Card.Input with { Name = "tokens" },
            Streaming = null,
        };
        Assert.Contains("its input tokens is float32; expected uint8", Problems(mini.Folder, card)[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DeviceRequest.Cuda)]
    [InlineData(DeviceRequest.Tensorrt)]
    public void A_device_that_was_asked_for_and_does_not_load_is_an_error_that_says_what_to_install(DeviceRequest device)
    {
        if (OnnxSessionFactory.WhyNot(device) is null)
        {
            return; // a machine with a GPU: there is nothing to miss
        }

        var error = Assert.Throws<DeviceException>(() => Load(mini.Folder, mini.Card, new() { Device = device }).Dispose());
        Assert.StartsWith(
            $"device {device.ToString().ToLowerInvariant()} was asked for and does not load: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("nstall", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Auto_falls_back_to_the_CPU_and_says_why()
    {
        if (OnnxSessionFactory.WhyNot(DeviceRequest.Cuda) is null)
        {
            return;
        }

        var log = new Lines();
        using var model = LoadedModel.Load(mini.Folder, mini.Card, new ConfigCheck("card.yaml"), new(), TimeProvider.System, log);

        Assert.Equal(("auto", "cpu"), (model.Requested, model.Device));
        Assert.Single( // although the model has three graphs
            log.Written, line => line.StartsWith("Information device auto: running on the CPU, because ", StringComparison.Ordinal));
    }

    private static LoadedModel Load(string folder, ModelCard card, InferenceOptions options) =>
        LoadedModel.Load(folder, card, new ConfigCheck("card.yaml"), options, TimeProvider.System, NullLogger<LoadedModel>.Instance);

    private static List<string> Problems(string folder, ModelCard card)
    {
        var error = Assert.Throws<ConfigException>(() => Load(folder, card, OnCpu).Dispose());
        return [.. error.Problems.Select(problem => problem.ToString())];
    }

    private sealed class Lines : ILogger<LoadedModel>
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Add($"{logLevel} {formatter(state, exception)}");
    }
}
