using ActionStream.Models.Graphs.Onnx;
using Google.Protobuf;
using static ActionStream.Models.Graphs.Onnx.AttributeProto.Types;

namespace ActionStream.Models.Graphs;

/// <summary>A fixed setting of a node, such as an axis.</summary>
public readonly struct Attribute
{
    private Attribute(AttributeProto proto) => Proto = proto;

    internal AttributeProto Proto { get; }

    public static Attribute Of(string name, long value) => new(new() { Name = name, I = value, Type = AttributeType.Int });

    public static Attribute Of(string name, float value) => new(new() { Name = name, F = value, Type = AttributeType.Float });

    public static Attribute Of(string name, string value) =>
        new(new() { Name = name, S = ByteString.CopyFromUtf8(value), Type = AttributeType.String });

    public static Attribute List(string name, params ReadOnlySpan<int> values)
    {
        var proto = new AttributeProto { Name = name, Type = AttributeType.Ints };
        foreach (var value in values)
        {
            proto.Ints.Add(value);
        }

        return new(proto);
    }
}
