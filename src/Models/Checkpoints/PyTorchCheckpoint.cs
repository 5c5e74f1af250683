using System.Runtime.InteropServices;

namespace ActionStream.Models.Checkpoints;

/// <summary>
/// A checkpoint that torch.save wrote (.pth, .pt, .pyth), zip or older. Only names, shapes and places are read when it is
/// opened; numbers when a model asks for them, so that a training checkpoint's optimizer state never is.
/// </summary>
internal sealed class PyTorchCheckpoint : Checkpoint
{
    // What training code calls the model's part of what it saves.
    private static readonly string[] Parts = ["model_state", "model", "state_dict"];

    private readonly string _path;
    private readonly IPyTorchFile _file;
    private readonly Dictionary<string, PyTensor> _tensors;

    private PyTorchCheckpoint(string path, IPyTorchFile file, Dictionary<string, PyTensor> tensors) =>
        (_path, _file, _tensors) = (path, file, tensors);

    public override string Container => _file is PyTorchZip ? "PyTorch zip" : "PyTorch legacy";

    public override IReadOnlyCollection<CheckpointArray> Arrays =>
        [.. _tensors.Select(tensor => new CheckpointArray(tensor.Key, tensor.Value.Storage.Type, tensor.Value.Shape))];

    /// <summary>True if the file begins like one of PyTorch's; what it holds shows when it is opened.</summary>
    public static bool Begins(ReadOnlySpan<byte> head) => IsZip(head) || head is [0x80, >= 2 and <= 5, ..];

    /// <exception cref="CheckpointException">The file is not what it says it is, or wants to be more than arrays.</exception>
    public static new PyTorchCheckpoint Open(string path)
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
            return new(path, saved, StateDict(saved.Root, path));
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

    private static Dictionary<string, PyTensor> StateDict(object root, string path)
    {
        var saved = root as PyDict ?? throw new CheckpointException(path, "it holds no dictionary of arrays");
        var state = Parts.Select(part => saved[part]).OfType<PyDict>().FirstOrDefault() ?? saved;
        var tensors = new Dictionary<string, PyTensor>(StringComparer.Ordinal);
        foreach (var (key, value) in state.Entries)
        {
            tensors[key as string ?? throw new CheckpointException(path, "its state dict has a key that is no text")] = value as PyTensor
                ?? throw new CheckpointException(path, $"{key} in it is no array, and none of {string.Join(", ", Parts)} is there");
        }

        if (tensors.Count == 0)
        {
            throw new CheckpointException(path, "it holds no arrays");
        }

        const string Wrapper = "module.";
        return tensors.Keys.All(name => name.StartsWith(Wrapper, StringComparison.Ordinal))
            ? tensors.ToDictionary(tensor => tensor.Key[Wrapper.Length..], tensor => tensor.Value, StringComparer.Ordinal)
            : tensors;
    }

    private static bool IsZip(ReadOnlySpan<byte> head) => head.StartsWith("PK\x03\x04"u8);
}
