using System.Globalization;

namespace ActionStream.Models.Checkpoints;

/// <summary>A checkpoint as Flax writes it: a msgpack tree whose leaves are arrays. Optimizer state is stepped over; names are
/// those below the parameters' root.</summary>
internal sealed class FlaxCheckpoint : Checkpoint
{
    // Where trees of scenic and Flax keep what was learned, in the order of trying.
    private static readonly string[] Roots =
        ["optimizer/target/params/", "optimizer/target/", "params/params/", "params/", "target/params/", "target/", ""];

    private readonly string _path;
    private readonly Dictionary<string, FlaxArray> _arrays;

    private FlaxCheckpoint(string path, string root, Dictionary<string, FlaxArray> arrays, IReadOnlyList<string> averaged)
    {
        (_path, _arrays) = (path, arrays);
        (Part, Averaged) = (root.TrimEnd('/'), averaged);
    }

    public override string Container => "Flax msgpack";

    public override IReadOnlyCollection<CheckpointArray> Arrays => _arrays.Values;

    /// <param name="part">Where in the tree; where scenic and Flax keep what was learned without it.</param>
    /// <exception cref="CheckpointException">The file is not what it says it is.</exception>
    public static new FlaxCheckpoint Open(string path, string? part = null)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
            var all = new FlaxTree(file).Read();
            var tops = all.Select(array => array.Name.Split('/')[0]).Distinct().ToList();
            var root = (part is null ? Roots : [part.TrimEnd('/') + "/"])
                .FirstOrDefault(root => all.Any(array => array.Name.StartsWith(root, StringComparison.Ordinal)))
                ?? throw new CheckpointException(path, $"it has no part {part}; it has {string.Join(", ", tops)}");
            var arrays = new Dictionary<string, FlaxArray>(StringComparer.Ordinal);
            foreach (var array in all.Where(array => array.Name.StartsWith(root, StringComparison.Ordinal)))
            {
                if (!arrays.TryAdd(array.Name[root.Length..], array with { Name = array.Name[root.Length..] }))
                {
                    throw new CheckpointException(path, $"it lists {array.Name} twice");
                }
            }

            return new(
                path, root, arrays,
                [.. tops.Where(top => AveragedWeights.IsNamed(top) && !root.StartsWith(top + "/", StringComparison.Ordinal))]);
        }
        catch (Exception problem) when (problem is FormatException or InvalidOperationException)
        {
            throw new CheckpointException(path, $"as a Flax checkpoint it is damaged: {problem.Message}", problem);
        }
        catch (EndOfStreamException cut)
        {
            throw new CheckpointException(path, "as a Flax checkpoint it is cut short", cut);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, problem.Message, problem);
        }
    }

    public override IReadOnlyList<int>? ShapeOf(string path, IReadOnlyList<int>? wanted) => _arrays.GetValueOrDefault(path)?.Shape;

    public override float[] Read(string path, IReadOnlyList<int> shape)
    {
        var array = _arrays.GetValueOrDefault(path) ?? throw new CheckpointException(_path, $"it has no {path}");
        using var file = File.OpenRead(_path);
        float[] Piece((long Offset, int Bytes) at)
        {
            file.Position = at.Offset;
            return Numbers.Read(file, array.Type, at.Bytes)
                ?? throw new CheckpointException(_path, $"{path} holds {array.Type}, which is no kind of weight");
        }

        if (array.Pieces is [var only])
        {
            return Piece(only);
        }

        var values = new float[array.Elements];
        var filled = 0;
        foreach (var at in array.Pieces)
        {
            var piece = Piece(at);
            piece.CopyTo(values, filled);
            filled += piece.Length;
        }

        return values;
    }
}

/// <summary>An array of a Flax file, in one piece or in chunks that follow one another.</summary>
internal sealed record FlaxArray(string Name, string Type, IReadOnlyList<int> Shape, IReadOnlyList<(long Offset, int Bytes)> Pieces)
    : CheckpointArray(Name, Type, Shape);

/// <summary>Walks the tree of a Flax file and notes where its arrays lie.</summary>
internal sealed class FlaxTree(Stream file)
{
    private const string Chunked = "__msgpack_chunked_array__";
    private const int DeepestTree = 64;
    private const int LongestName = 1024;

    private readonly MsgPackReader _reader = new(file);
    private readonly List<FlaxArray> _arrays = [];

    public List<FlaxArray> Read()
    {
        Walk("", 0);
        return _arrays.Count > 0 ? _arrays : throw new FormatException("it holds no arrays");
    }

    private void Walk(string name, int depth)
    {
        var head = _reader.Next();
        switch (head.Kind)
        {
            case MsgPackKind.Map or MsgPackKind.List when depth == DeepestTree || name.Length > LongestName:
                throw new FormatException($"its tree is deeper than any model's, at {name[..Math.Min(80, name.Length)]}…");
            case MsgPackKind.Map:
                Branches(name, head.Length, depth);
                break;
            case MsgPackKind.List:
                for (var i = 0L; i < head.Length; i++)
                {
                    Walk(Join(name, i.ToString(CultureInfo.InvariantCulture)), depth + 1);
                }

                break;
            case MsgPackKind.Extension:
                var end = _reader.Position + head.Length;
                if (head.Number is 1 or 3) // an array; a scalar is an array without axes
                {
                    Note(Leaf(name, end));
                }

                _reader.Position = end;
                break;
            case MsgPackKind.Text or MsgPackKind.Bytes:
                _reader.Position += head.Length;
                break;
        }
    }

    private void Branches(string name, long count, int depth)
    {
        for (var i = 0L; i < count; i++)
        {
            var key = _reader.Text(LongestName);
            if (i == 0 && key == Chunked)
            {
                Note(Chunks(name, count));
                return;
            }

            Walk(Join(name, key), depth + 1);
        }
    }

    // (shape, dtype, bytes)
    private FlaxArray Leaf(string name, long end)
    {
        Expect(_reader.Next() is { Kind: MsgPackKind.List, Length: 3 }, name, "is no array of shape, type and bytes");
        var axes = _reader.Next();
        Expect(axes is { Kind: MsgPackKind.List, Length: <= 16 }, name, "has no sound shape");
        var shape = new int[axes.Length];
        for (var i = 0; i < shape.Length; i++)
        {
            shape[i] = Axis(name, _reader.Next());
        }

        var type = TypeOf(name, _reader.Text(32));
        var data = _reader.Next();
        Expect(
            data.Kind == MsgPackKind.Bytes && data.Length <= Array.MaxLength && _reader.Position + data.Length == end, name,
            "does not hold its bytes");
        Expect(
            Elements(name, shape) * Numbers.BytesOf(type)!.Value == data.Length, name,
            $"is [{string.Join(", ", shape)}] {type}, and holds {data.Length} bytes");
        return new(name, type, shape, [(_reader.Position, (int)data.Length)]);
    }

    // {__msgpack_chunked_array__: true, shape: {"0": n, …}, chunks: {"0": array, …}}, for arrays beyond 2^30 bytes.
    private FlaxArray Chunks(string name, long count)
    {
        Expect(count == 3 && _reader.Next().Kind == MsgPackKind.Truth, name, "has a damaged mark of chunks");
        int[]? shape = null;
        List<FlaxArray>? chunks = null;
        for (var i = 1; i < 3; i++)
        {
            switch (_reader.Text(LongestName))
            {
                case "shape":
                    shape = [.. Row(name, () => Axis(name, _reader.Next()))];
                    break;
                case "chunks":
                    chunks = Row(name, () =>
                    {
                        var head = _reader.Next();
                        Expect(head is { Kind: MsgPackKind.Extension, Number: 1 }, name, "has a chunk that is no array");
                        var end = _reader.Position + head.Length;
                        var chunk = Leaf(name, end);
                        _reader.Position = end;
                        return chunk;
                    });
                    break;
            }
        }

        Expect(shape is not null && chunks is { Count: > 0 }, name, "has chunks without shape, or shape without chunks");
        var type = chunks![0].Type;
        Expect(chunks.All(chunk => chunk.Type == type), name, "has chunks of several types");
        Expect(
            Elements(name, shape!) == chunks.Sum(chunk => chunk.Elements) && chunks.Sum(chunk => chunk.Elements) <= Array.MaxLength, name,
            $"is [{string.Join(", ", shape!)}], and its chunks hold {chunks.Sum(chunk => chunk.Elements)}");
        return new(name, type, shape!, [.. chunks.SelectMany(chunk => chunk.Pieces)]);
    }

    // Flax writes tuples as maps from "0", "1", …
    private List<T> Row<T>(string name, Func<T> read)
    {
        var head = _reader.Next();
        Expect(head.Kind is MsgPackKind.Map or MsgPackKind.List && head.Length <= 4096, name, "has a damaged row of chunks");
        var row = new List<T>();
        for (var i = 0; i < head.Length; i++)
        {
            Expect(
                head.Kind == MsgPackKind.List || _reader.Text(16) == i.ToString(CultureInfo.InvariantCulture), name,
                "has chunks out of order");
            row.Add(read());
        }

        return row;
    }

    private void Note(FlaxArray array)
    {
        Expect(_arrays.Count < Checkpoint.MaxArrays, array.Name, $"is one array more than the {Checkpoint.MaxArrays} that are read");
        _arrays.Add(array);
    }

    private static int Axis(string name, MsgPackHead head)
    {
        Expect(head is { Kind: MsgPackKind.Whole, Number: >= 0 and <= int.MaxValue }, name, "has an impossible axis");
        return (int)head.Number;
    }

    private static long Elements(string name, int[] shape)
    {
        var product = shape.Aggregate((Int128)1, (product, axis) => product <= long.MaxValue ? product * axis : product);
        Expect(product <= int.MaxValue * 4L, name, "is beyond any size");
        return (long)product;
    }

    private static string TypeOf(string name, string type) => type switch
    {
        "float32" => "F32",
        "float64" => "F64",
        "float16" => "F16",
        "bfloat16" => "BF16",
        "int64" => "I64",
        "int32" => "I32",
        "uint32" => "U32",
        "int8" => "I8",
        "uint8" => "U8",
        "bool" => "BOOL",
        _ => throw new FormatException($"{name} is of the unknown type {type}"),
    };

    private static string Join(string name, string key) => name.Length == 0 ? key : $"{name}/{key}";

    private static void Expect(bool isFine, string name, string problem)
    {
        if (!isFine)
        {
            throw new FormatException($"{(name.Length == 0 ? "its root" : name)} {problem}");
        }
    }
}
