using System.Runtime.InteropServices;

namespace ActionStream.Models.Checkpoints;

/// <summary>
/// A checkpoint that torch.save wrote (.pth, .pt, .pyth), zip or older. Only names, shapes and places are read when it is
/// opened; numbers when a model asks for them, so that a training checkpoint's optimizer state never is.
/// </summary>
internal sealed class PyTorchCheckpoint : Checkpoint
{
    // What wraps a network puts its own name before every other: DataParallel, torch.compile.
    private static readonly string[] Wrappers = ["module.", "_orig_mod."];

    private readonly string _path;
    private readonly IPyTorchFile _file;
    private readonly Dictionary<string, PyTensor> _tensors;

    private PyTorchCheckpoint(
        string path, IPyTorchFile file, PyTorchPart part, string prefix, Dictionary<string, PyTensor> tensors)
    {
        (_path, _file, _tensors) = (path, file, tensors);
        (Part, Prefix, Averaged) = (part.Name, prefix, part.Averaged);
    }

    public override string Container => _file is PyTorchZip ? "PyTorch zip" : "PyTorch legacy";

    public override IReadOnlyCollection<CheckpointArray> Arrays =>
        [.. _tensors.Select(tensor => new CheckpointArray(tensor.Key, tensor.Value.Storage.Type, tensor.Value.Shape))];

    /// <summary>True if the file begins like one of PyTorch's; what it holds shows when it is opened.</summary>
    public static bool Begins(ReadOnlySpan<byte> head) => IsZip(head) || head is [0x80, >= 2 and <= 5, ..];

    /// <param name="part">The part of what was saved to read; what is usually the network's without it.</param>
    /// <exception cref="CheckpointException">The file is not what it says it is, or wants to be more than arrays.</exception>
    public static new PyTorchCheckpoint Open(string path, string? part = null)
    {
        FileStream? file = null;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
            Span<byte> head = stackalloc byte[4];
            var length = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            file.Position = 0;
            IPyTorchFile saved = IsZip(head[..length]) ? new PyTorchZip(file, path)
                : Begins(head[..length]) ? new PyTorchLegacy(file, path)
                : throw new CheckpointException(path, "it is neither a zip nor a pickle, so no PyTorch checkpoint");
            var found = PyTorchPart.Find(saved.Root, part, path);
            var (prefix, tensors) = StateDict(found, path);
            return new(path, saved, found, prefix, tensors);
        }
        catch (Exception problem)
        {
            file?.Dispose();
            throw problem switch
            {
                CheckpointException => problem,
                InvalidDataException or EndOfStreamException or IndexOutOfRangeException or ArgumentException or OverflowException
                    or NotSupportedException =>
                    new CheckpointException(path, $"it is damaged or cut short: {problem.Message}", problem),
                IOException or UnauthorizedAccessException => new CheckpointException(path, problem.Message, problem),
                _ => problem,
            };
        }
    }

    public override IReadOnlyList<int>? ShapeOf(string path, IReadOnlyList<int>? wanted) => _tensors.GetValueOrDefault(path)?.Shape;

    public override float[] Read(string path, IReadOnlyList<int> shape)
    {
        var tensor = _tensors.GetValueOrDefault(path) ?? throw new CheckpointException(_path, $"it has no {path}");
        var (width, type) = (tensor.Storage.Width, tensor.Storage.Type);
        if (tensor.Reach * width > Array.MaxLength)
        {
            throw new CheckpointException(_path, $"{path} spreads over {tensor.Reach * width} bytes, more than can be read at once");
        }

        if (tensor.IsContiguous && type == "F32")
        {
            var values = new float[tensor.Elements];
            Read(tensor, MemoryMarshal.AsBytes(values.AsSpan()));
            return values;
        }

        var bytes = new byte[tensor.Reach * width];
        Read(tensor, bytes);
        return Numbers.ToFloat(type, tensor.IsContiguous ? bytes : InOrder(tensor, bytes))
            ?? throw new CheckpointException(_path, $"{path} holds {type}, which is no kind of weight");
    }

    private void Read(PyTensor tensor, Span<byte> bytes)
    {
        try
        {
            _file.Read(tensor.Storage, tensor.Offset, bytes);
        }
        catch (Exception problem) when (problem is IOException or InvalidDataException)
        {
            throw new CheckpointException(_path, $"it changed or is damaged: {problem.Message}", problem);
        }
    }

    // A view that is transposed or channels-last: its numbers, last axis fastest.
    private static byte[] InOrder(PyTensor tensor, byte[] bytes)
    {
        var width = tensor.Storage.Width;
        var result = new byte[tensor.Elements * width];
        var at = new int[tensor.Shape.Length];
        long from = 0;
        for (var to = 0; to < result.Length; to += width)
        {
            bytes.AsSpan((int)from * width, width).CopyTo(result.AsSpan(to));
            for (var axis = at.Length - 1; axis >= 0; axis--)
            {
                from += tensor.Strides[axis];
                if (++at[axis] < tensor.Shape[axis])
                {
                    break;
                }

                from -= tensor.Strides[axis] * tensor.Shape[axis];
                at[axis] = 0;
            }
        }

        return result;
    }

    private static (string Prefix, Dictionary<string, PyTensor> Tensors) StateDict(PyTorchPart part, string path)
    {
        var tensors = new Dictionary<string, PyTensor>(StringComparer.Ordinal);
        foreach (var (key, value) in part.State.Entries)
        {
            if (value is PyObject or PyGlobal)
            {
                throw new CheckpointException(
                    path, $"{key} in {(part.Name.Length > 0 ? $"its {part.Name}" : "it")} is no array but an object ({value}); "
                        + "nothing of it was run. Save plain arrays: torch.save(model.state_dict(), FILE)");
            }

            if (key is string name && value is PyTensor tensor) // a number or text beside the arrays is no weight
            {
                tensors[name] = tensor;
            }
        }

        var prefix = "";
        while (Wrappers.FirstOrDefault(
            wrapper => tensors.Keys.All(name => name.StartsWith(prefix + wrapper, StringComparison.Ordinal))) is { } common)
        {
            prefix += common;
        }

        return (prefix, prefix.Length == 0
            ? tensors
            : tensors.ToDictionary(tensor => tensor.Key[prefix.Length..], tensor => tensor.Value, StringComparer.Ordinal));
    }

    private static bool IsZip(ReadOnlySpan<byte> head) => head.StartsWith("PK\x03\x04"u8);
}
