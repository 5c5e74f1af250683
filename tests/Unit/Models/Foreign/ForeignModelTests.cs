using ActionStream.Core.Modelling;
using ActionStream.Models.Foreign;
using ActionStream.Models.Graphs;
using ActionStream.Models.Graphs.Onnx;
using Google.Protobuf;

namespace ActionStream.Unit.Models.Foreign;

public sealed class ForeignModelTests : IDisposable
{
    private static readonly AdoptOptions Card = new()
    {
        Scale = 1 / 255.0,
        Mean = [0.45],
        Std = [0.225],
        Colour = ColourOrder.Rgb,
        Interval = TimeSpan.FromMilliseconds(133),
        Activation = Activation.Softmax,
        Labels = ["a", "b", "c"],
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("actionstream-adopt-").FullName;

    [Fact]
    public void All_that_is_missing_is_asked_in_one_message_with_what_was_found_and_a_card_to_fill_in()
    {
        var asked = Refusal(Save(Network("batch", 3, 8, 32, 48)), new());

        Assert.Contains("input clip float32 [batch, 3, 8, 32, 48]", asked, StringComparison.Ordinal);
        Assert.Contains("layout ncthw, 8 frames of 48x32", asked, StringComparison.Ordinal);
        Assert.Contains("missing: scale, mean, std, colour, interval, activation, labels (3)\n", asked, StringComparison.Ordinal);
        foreach (var word
            in new[] { "scale:", "mean: [", "std: [", "colour:", "interval:", "activation:", "labels: [class_0, class_1, class_2]" })
        {
            Assert.Contains("\n" + word, asked, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_the_card_already_says_is_not_asked_again()
    {
        var asked = Refusal(
            Save(Network("batch", 3, "t", "h", "w")), new() { Scale = 1, Mean = [0], Colour = ColourOrder.Bgr, Height = 64 });
        Assert.Contains("missing: frames, width, std, interval, activation, labels (3)\n", asked, StringComparison.Ordinal);
        Assert.Contains("\nframes: 16", asked, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ForeignLayout.Ncthw, 3, 8, 32, 48)]
    [InlineData(ForeignLayout.Ntchw, 8, 3, 32, 48)]
    [InlineData(ForeignLayout.Nthwc, 8, 32, 48, 3)]
    [InlineData(ForeignLayout.Nvcthw, 1, 3, 8, 32, 48)]
    [InlineData(ForeignLayout.Ncthw, 3, 3, 32, 48, 0)]
    public void The_three_colours_give_the_order_of_the_axes_away(ForeignLayout layout, params int[] sides)
    {
        var graph = Network("batch", [.. sides.Where(side => side > 0).Select(side => (Dim)side)]);
        if (sides[^1] == 0)
        {
            Assert.Contains("missing: layout", Refusal(Save(graph), Card), StringComparison.Ordinal); // three frames, or three colours?
            Assert.Equal(layout, Adopt(Save(graph), Card with { Layout = layout }).Layout);
            return;
        }

        var adopted = Adopt(Save(graph), Card);
        Assert.Equal(layout, adopted.Layout);
        Assert.Equal("frames uint8 [batch, 8, 32, 48, 3]", OnnxSummary.Read(adopted.Files[0].Path).Inputs.Single().ToString());
        Assert.Equal(
            (8, 32, 48, "onnx_external"),
            (adopted.Card.Input.Frames, adopted.Card.Input.Height, adopted.Card.Input.Width, adopted.Card.Architecture));
    }

    [Fact]
    public void Scores_inside_the_graph_are_seen_and_not_made_again()
    {
        var graph = new Graph("g", GraphForm.Portable);
        var x = graph.Input("clip", ElementType.F32, ["N", 3, 8, 32, 48]);
        graph.Output("scores", x.Softmax(1).MeanBehind(2));
        Assert.Equal(Activation.None, Adopt(Save(graph), Card with { Activation = null }).Card.Output.Activation);
    }

    [Theory]
    [InlineData("Softmax", Activation.Softmax, "activation is softmax; the graph itself ends in Softmax")]
    [InlineData("Softmax", Activation.Sigmoid, "another sigmoid would leave all of them alike, too low for any event; write none")]
    [InlineData("Sigmoid", Activation.Softmax, "the graph itself ends in Sigmoid")]
    [InlineData("LogSoftmax", Activation.None, "the graph ends in LogSoftmax, so its answers are logarithms of scores; write softmax")]
    public void A_card_that_contradicts_the_end_of_the_graph_is_refused(string end, Activation said, string problem) =>
        Assert.Contains(problem, Refusal(Save(Ending(end)), Card with { Activation = said }), StringComparison.Ordinal);

    [Theory]
    [InlineData("Softmax", Activation.None)]
    [InlineData("Sigmoid", Activation.None)]
    [InlineData("LogSoftmax", Activation.Softmax)]
    public void The_end_of_the_graph_says_what_the_card_need_not(string end, Activation expected)
    {
        Assert.Equal(expected, Adopt(Save(Ending(end)), Card with { Activation = null }).Card.Output.Activation);
        Assert.Equal(expected, Adopt(Save(Ending(end)), Card with { Activation = expected }).Card.Output.Activation);
    }

    // What scores, then what only changes the form.
    private static Graph Ending(string scoring)
    {
        var graph = new Graph("g", GraphForm.Portable);
        var x = graph.Input("clip", ElementType.F32, ["N", 3, 8, 32, 48]);
        var scores = graph.Node(scoring, [graph.Node("Whatever", [x], ElementType.F32, ["N", 3])], ElementType.F32, ["N", 3]);
        var same = graph.Node("Identity", [scores], ElementType.F32, ["N", 3]);
        graph.Output("scores", graph.Node("Cast", [same], ElementType.F32, ["N", 3]));
        return graph;
    }

    [Theory]
    [InlineData("frames is 16; the file has 8", 16, 3)]
    [InlineData("labels are 4; the output scores has 3 classes", 8, 4)]
    public void A_card_that_contradicts_the_file_is_refused(string problem, int frames, int labels) =>
        Assert.Contains(
            problem, Refusal(
                Save(Network("N", 3, 8, 32, 48)), Card with { Frames = frames, Labels = [.. "abcd".Take(labels).Select(one => $"{one}")] }),
            StringComparison.Ordinal);

    [Fact]
    public void What_no_card_can_help_is_said_so()
    {
        Assert.Contains("made for 4 clips at a time", Refusal(Save(Network(4, 3, 8, 32, 48)), Card), StringComparison.Ordinal);
        Assert.Contains(
            "uses operator set 6", Refusal(Save(Network("N", 3, 8, 32, 48), model => model.OpsetImport[0].Version = 6), Card),
            StringComparison.Ordinal);
        Assert.Contains("has 2 axes", Refusal(Save(Network("N", 3)), Card), StringComparison.Ordinal);
        Assert.Contains("the file has 4096 as its frames", Refusal(Save(Network("N", 3, 4096, 32, 48)), Card), StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_behind_the_prelude_stays_byte_for_byte()
    {
        byte[] unknown = [0xCA, 0x01, 0x03, (byte)'f', (byte)'o', (byte)'o']; // field 25: functions
        var path = Save(Network("batch", 3, 8, 32, 48));
        File.WriteAllBytes(path, [.. File.ReadAllBytes(path), .. unknown]);
        var original = OnnxFile.Load(path);
        var adopted = OnnxFile.Load(Adopt(path, Card).Files[0].Path);

        Assert.Equal(original.OpsetImport, adopted.OpsetImport);
        Assert.Equal(original.Graph.Initializer, adopted.Graph.Initializer);
        Assert.Equal(original.Graph.Node, adopted.Graph.Node.TakeLast(original.Graph.Node.Count));
        Assert.Equal(unknown, adopted.ToByteArray()[^6..]);
        Assert.Equal(original, ModelProto.Parser.ParseFrom(ForeignModel.WithoutPrelude(Path.Combine(_folder, "out", "model.onnx"))));
    }

    [Fact]
    public void Names_that_the_graph_already_uses_are_left_to_it()
    {
        var graph = new Graph("g", GraphForm.Portable);
        graph.Output("logits", graph.Input("frames", ElementType.F32, ["N", 3, 8, 32, 48]).MeanBehind(2));
        Assert.Equal("frames_2", Adopt(Save(graph), Card).Card.Input.Name);
    }

    [Fact]
    public void Arrays_in_files_beside_the_model_come_along_or_are_missed_in_words()
    {
        var graph = Network("N", 3, 8, 32, 48);
        graph.Output("more", graph.Constant([2048], new float[2048]) * 2f);
        var path = Path.Combine(_folder, "large.onnx");
        OnnxFile.Save(graph.ToModel(), path, mostInOneFile: 100);
        var card = Card with { Output = "scores" };

        Assert.Equal(["model.onnx", "large.onnx.data"], Adopt(path, card).Files.Select(file => Path.GetFileName(file.Path)));
        File.WriteAllBytes(path + ".data", new byte[8]);
        Assert.Contains("it was cut short", Refusal(path, card), StringComparison.Ordinal);
        File.Delete(path + ".data");
        Assert.Contains("there is no such file beside it", Refusal(path, card), StringComparison.Ordinal);
        var model = OnnxFile.Load(path);
        model.Graph.Initializer.First(one => one.ExternalData.Count > 0).ExternalData[0].Value = "../../etc/passwd";
        OnnxFile.Save(model, path);
        Assert.Contains("expected a file beside it", Refusal(path, card), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(32, 8, "0 4 8 13 17 22 26 31")]
    [InlineData(32, 4, "0 10 20 31")]
    [InlineData(64, 16, "0 4 8 12 16 21 25 29 33 37 42 46 50 54 58 63")]
    [InlineData(9, 1, "0")]
    public void The_slow_pathway_sees_the_frames_that_its_training_saw(int fast, int slow, string expected) =>
        Assert.Equal(expected, string.Join(' ', Prelude.SlowFrames(fast, slow)));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Graph Network(Dim batch, params ReadOnlySpan<Dim> sides)
    {
        var graph = new Graph("g", GraphForm.Portable);
        var x = graph.Input("clip", ElementType.F32, [batch, .. sides]);
        graph.Output("scores", graph.Node("Whatever", [x], ElementType.F32, [batch, 3]));
        return graph;
    }

    private AdoptedModel Adopt(string path, AdoptOptions options) => ForeignModel.Adopt(path, options, Path.Combine(_folder, "out"));

    private string Refusal(string path, AdoptOptions options) => Assert.Throws<ForeignModelException>(() => Adopt(path, options)).Message;

    private string Save(Graph graph, Action<ModelProto>? change = null)
    {
        var model = graph.ToModel();
        change?.Invoke(model);
        return OnnxFile.Save(model, Path.Combine(_folder, "theirs.onnx")).Path;
    }
}
