using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace ActionStream.Models.Checkpoints;

/// <summary>One array in a file: where it lies and what it is.</summary>
/// <param name="Offset">From the beginning of the file.</param>
internal sealed record StoredArray(string Name, string Type, IReadOnlyList<int> Shape, long Offset, long Bytes)
    : CheckpointArray(Name, Type, Shape);

/// <summary>A .safetensors file: a JSON table of arrays, then their bytes. Everything in the table is checked against
/// the file before memory is taken.</summary>
internal sealed class SafeTensors : Checkpoint
{
    // The table of as many arrays as are read at all is smaller, unless their names are very long.
    private const long MaxTable = 16 << 20;

    private readonly string _path;
    private readonly Dictionary<string, StoredArray> _arrays;

    private SafeTensors(string path, Dictionary<string, StoredArray> arrays, IReadOnlyDictionary<string, string> metadata) =>
        (_path, _arrays, Metadata) = (path, arrays, metadata);

    public override string Container => "safetensors";

    public override IReadOnlyCollection<StoredArray> Arrays => _arrays.Values;

    /// <summary>What the writer noted, text by name.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <exception cref="CheckpointException">The file is not what it says it is.</exception>
    public static SafeTensors Open(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var table = ReadTable(file, path);
            using (table)
            {
                var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
                var arrays = new Dictionary<string, StoredArray>(StringComparer.Ordinal);
                var start = file.Position;
                foreach (var entry in table.RootElement.EnumerateObject())
                {
                    if (entry.Name == "__metadata__")
                    {
                        foreach (var note in entry.Value.EnumerateObject())
                        {
                            metadata[note.Name] = note.Value.GetString() ?? "";
                        }
                    }
                    else if (arrays.Count == MaxArrays)
                    {
                        throw new CheckpointException(
                            path, $"its table lists more than {MaxArrays} arrays; a network of any kind known here has far fewer");
                    }
                    else if (!arrays.TryAdd(entry.Name, ReadEntry(entry, path, start, file.Length)))
                    {
                        throw new CheckpointException(path, $"it lists {entry.Name} twice");
                    }
                }

                return new(path, new(arrays.OrderBy(array => array.Value.Offset), StringComparer.Ordinal), metadata);
            }
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new CheckpointException(path, $"its table is damaged: {problem.Message}", problem);
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
        file.Position = array.Offset;
        return Numbers.Read(file, array.Type, array.Bytes)
            ?? throw new CheckpointException(_path, $"{path} holds {array.Type}, which is no kind of weight");
    }

    private static JsonDocument ReadTable(FileStream file, string path)
    {
        Span<byte> head = stackalloc byte[8];
        if (file.Length < 8)
        {
            throw new CheckpointException(path, $"it has {file.Length} bytes, too few for a safetensors file");
        }

        file.ReadExactly(head);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(head);
        if (length > MaxTable && length <= (ulong)(file.Length - 8))
        {
            throw new CheckpointException(
                path, $"its table has {length} bytes; that of {MaxArrays} arrays, the most that are read, has fewer than {MaxTable}");
        }

        if (length > (ulong)(file.Length - 8))
        {
            throw new CheckpointException(
                path, $"its table claims {length} bytes of the file's {file.Length}, so it is cut short or not a safetensors file");
        }

        var table = new byte[length];
        file.ReadExactly(table);
        return JsonDocument.Parse(table);
    }

    private static StoredArray ReadEntry(JsonProperty entry, string path, long start, long fileLength)
    {
        var type = entry.Value.GetProperty("dtype").GetString() ?? "";
        int[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(axis => axis.GetInt32())];
        long[] offsets = [.. entry.Value.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt64())];
        var width = Numbers.BytesOf(type) ?? throw new CheckpointException(path, $"{entry.Name} is of the unknown type {type}");
        if (offsets.Length != 2 || offsets[0] < 0 || offsets[1] < offsets[0] || offsets[1] > fileLength - start)
        {
            throw new CheckpointException(path, $"{entry.Name} lies outside the file");
        }

        var bytes = shape.Aggregate((Int128)width, (product, axis) =>
            axis >= 0 && product < long.MaxValue
                ? product * axis
                : throw new CheckpointException(path, $"{entry.Name} has an impossible shape"));
        return bytes == offsets[1] - offsets[0] && bytes <= Array.MaxLength
            ? new(entry.Name, type, shape, start + offsets[0], (long)bytes)
            : throw new CheckpointException(
                path, $"{entry.Name} is [{string.Join(", ", shape)}] {type}, which is {bytes} bytes and not {offsets[1] - offsets[0]}");
    }
}

/// <summary>Number formats of checkpoints, made float.</summary>
internal static class Numbers
{
    public static int? BytesOf(string type) => type switch
    {
        "F64" or "I64" or "U64" => 8,
        "F32" or "I32" or "U32" => 4,
        "F16" or "BF16" or "I16" or "U16" => 2,
        "I8" or "U8" or "BOOL" or "F8_E4M3" or "F8_E5M2" => 1,
        _ => null,
    };

    /// <summary>So many bytes from where the file stands; floats are read where they stay. Null where the type
    /// is not one that weights come in.</summary>
    public static float[]? Read(Stream file, string type, long bytes)
    {
        if (type == "F32")
        {
            var values = new float[bytes / sizeof(float)];
            file.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
            return values;
        }

        var stored = new byte[bytes];
        file.ReadExactly(stored);
        return ToFloat(type, stored);
    }

    /// <summary>Null where the type is not one that weights come in.</summary>
    public static float[]? ToFloat(string type, byte[] bytes) => type switch
    {
        "F32" => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
        "F16" => Convert<Half>(bytes, value => (float)value),
        "BF16" => Convert<ushort>(bytes, value => BitConverter.UInt32BitsToSingle((uint)value << 16)),
        "F64" => Convert<double>(bytes, value => (float)value),
        "I64" => Convert<long>(bytes, value => value),
        "I32" => Convert<int>(bytes, value => value),
        "I16" => Convert<short>(bytes, value => value),
        "I8" => Convert<sbyte>(bytes, value => value),
        "U8" or "BOOL" => Convert<byte>(bytes, value => value),
        _ => null,
    };

    private static float[] Convert<T>(byte[] bytes, Func<T, float> convert)
        where T : unmanaged
    {
        var stored = MemoryMarshal.Cast<byte, T>(bytes);
        var values = new float[stored.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = convert(stored[i]);
        }

        return values;
    }
}

/// <summary>A checkpoint that cannot be read, in words that say why.</summary>
public sealed class CheckpointException(string path, string problem, Exception? inner = null) : Exception($"{path}: {problem}", inner)
{
    public string Path { get; } = path;
}
