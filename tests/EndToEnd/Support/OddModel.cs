using System.Security.Cryptography;
using ActionStream.Core.Modelling;
using ActionStream.Host.Configuration;
using ActionStream.Models.Graphs.Onnx;
using Google.Protobuf;
using static ActionStream.Models.Graphs.Onnx.AttributeProto.Types;
using static ActionStream.Models.Graphs.Onnx.TensorProto.Types;

namespace ActionStream.EndToEnd.Support;

/// <summary>Small real models with a fault that comes when the test wants it: by what the frames show, or by the size of the batch.</summary>
/// <remarks>All take [N, 2, 16, 16, 3] bytes; where nothing is wrong the first label's logit is the largest pixel, 0 to 1.</remarks>
internal static class OddModel
{
    public const int Frames = 2;
    public const int Side = 16;

    /// <summary>Pixels from here on make trouble: what a video shows as white.</summary>
    private const int White = 240;

    private const int Opset = 17;

    /// <summary>A run on frames with a white pixel never returns: a loop of 2^62 rounds, each a few nodes, so that a request to end
    /// can reach it.</summary>
    public static string NeverReturns(string name = "endless")
    {
        var body = new GraphProto { Name = "round" };
        body.Input.AddRange([Port("i", DataType.Int64), Port("going", DataType.Bool), Port("sum", DataType.Float)]);
        body.Node.AddRange([Node("Identity", ["going"], "going_on"), Node("Add", ["sum", "sum"], "sums")]);
        body.Output.AddRange([Port("going_on", DataType.Bool), Port("sums", DataType.Float)]);

        var loop = Node("Loop", ["rounds", "", "nought"], "looped");
        loop.Attribute.Add(new AttributeProto { Name = "body", Type = AttributeType.Graph, G = body });
        return Write(
            name, Labels(2),
            [
                Node("Div", ["largest", "white"], "is_white"),
                Node("Mul", ["is_white", "many"], "rounds"),
                loop,
                Node("Add", ["score", "looped"], "first"),
            ],
            Whole("white", White), Whole("many", 1L << 62), Number("nought", 0));
    }

    /// <summary>Likewise, but one node takes the time, minutes of it: no request to end reaches it.</summary>
    public static string IsDeaf(string name = "deaf") => Write(
        name, Labels(2),
        [
            Node("Div", ["largest", "white"], "is_white"),
            Node("Mul", ["is_white", "many"], "more"),
            Node("Add", ["one", "more"], "boxes"), // [1]
            Node("Concat", ["one", "boxes", "four"], "boxes_shape", ("axis", 0)),
            Node("Concat", ["one", "one", "boxes"], "scores_shape", ("axis", 0)),
            Node("ConstantOfShape", ["boxes_shape"], "all_boxes"),
            Node("ConstantOfShape", ["scores_shape"], "all_scores"),
            Node("NonMaxSuppression", ["all_boxes", "all_scores", "many"], "kept"), // each box against all that were kept
            Node("Shape", ["kept"], "kept_shape", ("start", 1), ("end", 2)), // [1]: 3, whatever was kept
            Node("Cast", ["kept_shape"], "three", ("to", (int)DataType.Float)),
            Node("Sub", ["three", "three"], "nothing"),
            Node("Add", ["score", "nothing"], "first"),
        ],
        Whole("white", White), Wholes("many", 1_000_000), Wholes("one", 1), Wholes("four", 4));

    /// <summary>A run of more than so many clips asks for more memory than there is.</summary>
    public static string NeedsMemory(int fits, string name = "hungry") => Write(
        name, Labels(2),
        [
            Node("Shape", ["frames"], "shape", ("start", 0), ("end", 1)), // [1]: N
            Node("Sub", ["shape", "fits"], "over"),
            Node("Max", ["over", "none"], "excess"),
            Node("Mul", ["excess", "many"], "bytes"),
            Node("Add", ["bytes", "one"], "size"),
            Node("ConstantOfShape", ["size"], "waste"),
            Node("ReduceMax", ["waste"], "nothing", ("keepdims", 0)),
            Node("Add", ["score", "nothing"], "first"),
        ],
        Wholes("fits", fits), Wholes("none", 0), Wholes("many", 1L << 44), Wholes("one", 1));

    /// <summary>Every run on frames with a white pixel throws.</summary>
    public static string Throws(string name = "throwing") => Write(
        name, Labels(2),
        [
            Node("Div", ["largest", "white"], "is_white"),
            Node("Gather", ["table", "is_white"], "nothing"), // of one number: index 1 is none of it
            Node("Add", ["score", "nothing"], "first"),
        ],
        Whole("white", White), new TensorProto { Name = "table", DataType = (int)DataType.Float, Dims = { 1 }, FloatData = { 0 } });

    /// <summary>Nothing is wrong with it.</summary>
    public static string Sound(string name, params string[] labels) => SoundIn(
        Directory.CreateTempSubdirectory($"model-{name}-").FullName, name, Side, labels.Length == 0 ? Labels(2) : labels);

    /// <summary>The same in a given folder, where another model may be, for frames of another size.</summary>
    public static string SoundIn(string folder, string name, int side, params string[] labels) =>
        Write(folder, name, side, labels, [Node("Identity", ["score"], "first")]);

    private static string[] Labels(int count) => [.. Enumerable.Range(0, count).Select(i => i == 0 ? "bright" : $"other_{i}")];

    private static string Write(string name, string[] labels, NodeProto[] between, params TensorProto[] constants) =>
        Write(Directory.CreateTempSubdirectory($"model-{name}-").FullName, name, Side, labels, between, constants);

    private static string Write(
        string folder, string name, int side, string[] labels, NodeProto[] between, params TensorProto[] constants)
    {
        var graph = new GraphProto { Name = name };
        graph.Input.Add(Port("frames", DataType.Uint8, null, Frames, side, side, 3));
        var rowMax = Node("ReduceMax", ["rows"], "row_max", ("keepdims", 1)); // [N, 1]
        rowMax.Attribute.Add(new AttributeProto { Name = "axes", Type = AttributeType.Ints, Ints = { 1 } });
        graph.Node.AddRange([
            Node("Cast", ["frames"], "pixels", ("to", (int)DataType.Int64)),
            Node("ReduceMax", ["pixels"], "largest", ("keepdims", 0)), // of the whole batch: a number
            Node("Cast", ["frames"], "numbers", ("to", (int)DataType.Float)),
            Node("Flatten", ["numbers"], "rows"),
            rowMax,
            Node("Div", ["row_max", "full"], "score"),
            .. between,
            Node("Sub", ["first", "first"], "zero"),
            Node("Concat", ["first", .. Enumerable.Repeat("zero", labels.Length - 1)], "logits", ("axis", 1)),
        ]);
        graph.Output.Add(Port("logits", DataType.Float, null, labels.Length));
        graph.Initializer.AddRange([Number("full", 255), .. constants]);

        var model = new ModelProto { IrVersion = 9, ProducerName = "tests", Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = Opset });
        var bytes = model.ToByteArray();
        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), bytes);
        CardFile.Save(
            new ModelCard
            {
                Name = name,
                Architecture = "odd",
                Source = "a test",
                Trained = true,
                Input = new() { Frames = Frames, Height = side, Width = side, Interval = TimeSpan.FromMilliseconds(125) },
                Output = new() { Activation = Activation.None },
                Labels = labels,
                Model = new() { Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)) },
            },
            folder);
        return folder;
    }

    private static NodeProto Node(string type, string[] inputs, string output, params (string Name, long Value)[] attributes)
    {
        var node = new NodeProto { OpType = type, Name = output };
        node.Input.AddRange(inputs);
        node.Output.Add(output);
        node.Attribute.AddRange(
            attributes.Select(attribute => new AttributeProto { Name = attribute.Name, Type = AttributeType.Int, I = attribute.Value }));
        return node;
    }

    private static ValueInfoProto Port(string name, DataType type, params int?[] shape)
    {
        var dims = new TensorShapeProto();
        dims.Dim.AddRange(shape.Select(axis => axis is { } size
            ? new TensorShapeProto.Types.Dimension { DimValue = size }
            : new TensorShapeProto.Types.Dimension { DimParam = "N" }));
        return new() { Name = name, Type = new() { TensorType = new() { ElemType = (int)type, Shape = dims } } };
    }

    private static TensorProto Number(string name, float value) =>
        new() { Name = name, DataType = (int)DataType.Float, FloatData = { value } };

    private static TensorProto Whole(string name, long value) =>
        new() { Name = name, DataType = (int)DataType.Int64, Int64Data = { value } };

    private static TensorProto Wholes(string name, long value) =>
        new() { Name = name, DataType = (int)DataType.Int64, Dims = { 1 }, Int64Data = { value } };
}
