using Google.Protobuf;

namespace ActionStream.Models.Graphs;

/// <summary>The nodes of an .onnx file, read without its arrays and counted while they are read: a node costs a hundred times
/// its bytes once it is an object, so a file is counted before it is parsed.</summary>
internal sealed class OnnxOutline
{
    /// <summary>The largest network here has some three thousand.</summary>
    public const int MaxNodes = 50_000;

    // Fields of nodes, attributes and tables of arrays: everything that becomes an object.
    private const long MaxFields = 1_000_000;
    private const int BytesPerPart = 8;
    private const int Deepest = 16;

    // Field numbers of onnx.proto.
    private const int ModelGraph = 7;
    private const int GraphNode = 1;
    private const int GraphArray = 5;
    private const int NodeInput = 1;
    private const int NodeOutput = 2;
    private const int NodeType = 4;
    private const int NodeAttribute = 5;
    private const int AttributeTensor = 5;
    private const int AttributeGraph = 6;
    private const int AttributeTensors = 10;
    private const int AttributeGraphs = 11;

    private readonly string _path;
    private readonly CodedInputStream _in;
    private readonly Dictionary<string, OutlineNode> _makers = new(StringComparer.Ordinal);
    private int _nodes;
    private long _fields;

    private OnnxOutline(string path, Stream file)
    {
        (_path, _in) = (path, new(file, leaveOpen: true));
        ReadFields(long.MaxValue, field => field == ModelGraph && Nested(end => ReadGraph(end, depth: 0)));
    }

    /// <exception cref="OnnxFileException">The file is missing, damaged, or has more of anything than a network has.</exception>
    public static OnnxOutline Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return new(path, file);
        }
        catch (InvalidProtocolBufferException)
        {
            throw Damaged(path);
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            throw new OnnxFileException(
                path, missing is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : missing.Message);
        }
    }

    /// <summary>The node that makes a value; null for inputs and arrays.</summary>
    public OutlineNode? MakerOf(string value) => _makers.GetValueOrDefault(value);

    private void ReadGraph(long end, int depth)
    {
        if (depth == Deepest)
        {
            throw new OnnxFileException(_path, $"its graphs lie more than {Deepest} deep in one another");
        }

        ReadFields(end, field => field switch
        {
            GraphNode => Nested(nodeEnd => ReadNode(nodeEnd, depth)),
            GraphArray => Nested(CountFields),
            _ => false,
        });
    }

    private void ReadNode(long end, int depth)
    {
        if (++_nodes > MaxNodes)
        {
            throw new OnnxFileException(_path, $"its graph has more than {MaxNodes} nodes; no network known here has a tenth of them");
        }

        string type = "", input = "";
        List<string> outputs = [];
        ReadFields(end, field => field switch
        {
            NodeInput when input.Length == 0 => Text(text => input = text),
            NodeOutput => Text(outputs.Add),
            NodeType => Text(text => type = text),
            NodeAttribute => Nested(attributeEnd => ReadAttribute(attributeEnd, depth)),
            _ => false,
        });
        foreach (var output in depth == 0 ? outputs : [])
        {
            _makers[output] = new(type, input);
        }
    }

    private void ReadAttribute(long end, int depth) => ReadFields(end, field => field switch
    {
        AttributeTensor or AttributeTensors => Nested(CountFields),
        AttributeGraph or AttributeGraphs => Nested(graphEnd => ReadGraph(graphEnd, depth + 1)),
        _ => false,
    });

    // Of an array: its numbers cost what they take, however many.
    private void CountFields(long end) => ReadFields(end, _ =>
    {
        _in.SkipLastField();
        return true;
    });

    private bool Text(Action<string> take)
    {
        take(_in.ReadString());
        return true;
    }

    private bool Nested(Action<long> read)
    {
        var length = _in.ReadLength();
        var end = _in.Position + length;
        read(length >= 0 ? end : throw Damaged(_path));
        return _in.Position == end ? true : throw Damaged(_path);
    }

    // One field after the other up to an end. What nobody reads is skipped, and costs what its bytes may hold.
    private void ReadFields(long end, Func<int, bool> read)
    {
        while (_in.Position < end && _in.ReadTag() is not 0 and var tag)
        {
            var start = _in.Position;
            if (WireFormat.GetTagWireType(tag) != WireFormat.WireType.LengthDelimited || !read(WireFormat.GetTagFieldNumber(tag)))
            {
                _in.SkipLastField();
                _fields += (_in.Position - start) / BytesPerPart;
            }

            if (++_fields > MaxFields)
            {
                throw new OnnxFileException(_path, $"it is made of more than {MaxFields} parts; no network known here has a tenth of them");
            }
        }
    }

    private static OnnxFileException Damaged(string path) => new(path, "its content is damaged, or it is not an ONNX file");
}

/// <summary>A node: what it does, and the first of what it does it with.</summary>
internal sealed record OutlineNode(string Type, string Input);
