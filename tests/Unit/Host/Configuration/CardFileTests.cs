using ActionStream.Core.Configuration;
using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Host.Configuration;
using ActionStream.Models.Graphs;

namespace ActionStream.Unit.Host.Configuration;

public sealed class CardFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("card").FullName;

    private static readonly Dictionary<string, double> Thresholds = new() { ["fall: to the floor"] = 0.45 };

    private static ModelCard Sample => new()
    {
        Name = "mini",
        Architecture = "factorised_tokenlearner_vivit",
        Source = "seeded random weights, seed 1",
        Licence = "MIT",
        Input = new() { Frames = 16, Height = 112, Width = 96, Interval = TimeSpan.FromMilliseconds(62.5), Fit = Fit.Stretch },
        Output = new() { Activation = Activation.Sigmoid, Background = "idle", Enter = Thresholds },
        Labels = ["idle", "fall: to the floor", "yes"],
        Streaming = new() { Tubelet = 2, Tokens = 8, Width = 128 },
    };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_saved_is_what_is_loaded()
    {
        CardFile.Save(Sample, _folder);
        var loaded = CardFile.Load(_folder);
        Assert.Equal(Sample.Labels, loaded.Labels);
        Assert.Equal(Thresholds, loaded.Output.Enter);
        Assert.Equal(
            Sample with { Labels = [], Output = Sample.Output with { Enter = Thresholds } },
            loaded with { Labels = [], Output = loaded.Output with { Enter = Thresholds } });
    }

    [Fact]
    public void A_folder_without_a_card_says_how_to_get_one()
    {
        var missing = Path.Combine(_folder, "none");
        var problem = Assert.Single(Assert.Throws<ConfigException>(() => CardFile.Load(missing)).Problems);
        Assert.Contains("actionstream models build", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_card_with_several_mistakes_names_them_all()
    {
        CardFile.Save(
            Sample with { Labels = ["idle", "idle"], Input = Sample.Input with { Frames = 15 }, Output = new() { Background = "nothing" } },
            _folder);
        var problems = Assert.Throws<ConfigException>(() => CardFile.Load(_folder)).Problems;
        Assert.Equal(["labels", "output.background", "streaming.tubelet"], problems.Select(problem => problem.Path).Order());
    }

    [Fact]
    public void A_card_that_asks_for_a_softmax_behind_the_graph_s_own_is_refused_where_it_is_read()
    {
        var graph = new Graph("g", GraphForm.Portable);
        graph.Output("logits", graph.Input("frames", ElementType.F32, ["N", 3]).Softmax());
        OnnxFile.Save(graph, Path.Combine(_folder, "model.onnx"));
        CardFile.Save(Sample with { Output = new() { Activation = Activation.Softmax } }, _folder);

        var problem = Assert.Single(Assert.Throws<ConfigException>(() => CardFile.Load(_folder)).Problems);
        Assert.Equal("output.activation", problem.Path);
        Assert.StartsWith("is softmax; model.onnx: the graph itself ends in Softmax", problem.Message, StringComparison.Ordinal);
        Assert.True(problem.Line > 1, $"{problem}");

        CardFile.Save(Sample with { Output = new() { Activation = Activation.None } }, _folder);
        Assert.Equal(Activation.None, CardFile.Load(_folder).Output.Activation);
    }
}
