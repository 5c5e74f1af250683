using System.Buffers.Binary;

namespace ActionStream.Models.Checkpoints;

/// <summary>One array of a checkpoint.</summary>
/// <param name="Type">F32, F16, BF16, F64, I64 …</param>
public record CheckpointArray(string Name, string Type, IReadOnlyList<int> Shape)
{
    public long Elements => Shape.Aggregate(1L, (product, axis) => product * axis);
}

/// <summary>Learned arrays in a file, whatever its container. To read a new container, derive from this and let
/// <see cref="Open"/> know its first bytes.</summary>
public abstract class Checkpoint : IWeightSource
{
    /// <summary>No network here has a tenth of it. What a file's table costs goes with its arrays, not with its bytes.</summary>
    internal const int MaxArrays = 20_000;

    /// <summary>What the file is: safetensors, PyTorch zip, Flax msgpack …</summary>
    public abstract string Container { get; }

    /// <summary>Which part of the file was read, where it holds more than weights (model, state_dict …); empty if the whole.</summary>
    public string Part { get; protected init; } = "";

    /// <summary>What every name of the part began with and was taken off; empty if nothing.</summary>
    public string Prefix { get; protected init; } = "";

    /// <summary>Parts that hold averaged weights (EMA), which are often the better ones, and were not read.</summary>
    public IReadOnlyList<string> Averaged { get; protected init; } = [];

    /// <summary>Every array, in the order of the file. Names join places with / or . as the framework that wrote them does.</summary>
    public abstract IReadOnlyCollection<CheckpointArray> Arrays { get; }

    /// <summary>Finds out what a file is from its first bytes, never from its name, and reads its table of arrays; numbers
    /// are read when they are needed.</summary>
    /// <param name="part">Which part of it, as the file calls it; what is usually the network's without it.</param>
    /// <exception cref="CheckpointException">The file is missing, no checkpoint, or damaged, or has no such part.</exception>
    public static Checkpoint Open(string path, string? part = null)
    {
        Span<byte> head = stackalloc byte[9];
        try
        {
            using var file = File.OpenRead(path);
            head = head[..file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(
                path, problem is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : problem.Message, problem);
        }

        return head switch
        {
            [.., (byte)'{'] when head.Length == 9 && BinaryPrimitives.ReadUInt64LittleEndian(head) < 1UL << 40 =>
                part is null ? SafeTensors.Open(path) : CheckpointPart.Named(SafeTensors.Open(path), part, path),
            _ when PyTorchCheckpoint.Begins(head) => PyTorchCheckpoint.Open(path, part),
            [>= 0x81 and <= 0x8f, ..] or [0xde or 0xdf, ..] => FlaxCheckpoint.Open(path, part),
            [0x08, ..] => throw new CheckpointException(
                path, "it begins like an ONNX file, which is a model and no checkpoint; `models inspect` reads it"),
            _ => throw new CheckpointException(path, "it is none of safetensors, PyTorch and Flax msgpack"),
        };
    }

    public abstract IReadOnlyList<int>? ShapeOf(string path, IReadOnlyList<int>? wanted);

    public abstract float[] Read(string path, IReadOnlyList<int> shape);
}
