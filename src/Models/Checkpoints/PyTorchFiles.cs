using System.IO.Compression;
using System.Numerics;

namespace ActionStream.Models.Checkpoints;

/// <summary>A PyTorch file of either form: what its pickle says, and the numbers that the pickle points at.</summary>
internal interface IPyTorchFile
{
    /// <summary>What was saved.</summary>
    object Root { get; }

    /// <summary>Reads numbers of a storage, as they stand in the file.</summary>
    /// <param name="from">In numbers, from the storage's beginning.</param>
    void Read(PyStorage storage, long from, Span<byte> bytes);
}

/// <summary>The form since PyTorch 1.6: a zip of data.pkl and one entry per storage.</summary>
internal sealed class PyTorchZip : IPyTorchFile
{
    private const long MaxPickle = 64 << 20;

    // Storages are stored as they are. A file that packs better than this is a trap, not a checkpoint.
    private const int MaxPacking = 16;

    private readonly string _path;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ZipArchiveEntry> _storages = new(StringComparer.Ordinal);

    public PyTorchZip(FileStream file, string path)
    {
        _path = path;
        var zip = new ZipArchive(file, ZipArchiveMode.Read);
        var pickles = zip.Entries.Where(entry => entry.FullName.EndsWith("/data.pkl", StringComparison.Ordinal)).ToList();
        var pickle = pickles.Count == 1
            ? pickles[0]
            : throw new CheckpointException(path, "it is a zip without a data.pkl, so no PyTorch checkpoint");
        var root = pickle.FullName[..^"data.pkl".Length];
        foreach (var entry in zip.Entries.Where(entry => entry.FullName.StartsWith(root, StringComparison.Ordinal)))
        {
            Check(entry);
            var name = entry.FullName[root.Length..];
            if (name.StartsWith("data/", StringComparison.Ordinal) && !_storages.TryAdd(name["data/".Length..], entry))
            {
                throw new CheckpointException(path, $"it holds {entry.FullName} twice");
            }

            if (name == "byteorder" && ReadText(entry) is var order and not "little")
            {
                throw new CheckpointException(path, $"its byte order is {order}; only little-endian files are read");
            }
        }

        if (pickle.Length > MaxPickle)
        {
            throw new CheckpointException(path, $"its data.pkl has {pickle.Length} bytes; a checkpoint's has far fewer than {MaxPickle}");
        }

        var content = new byte[pickle.Length];
        using (var stream = pickle.Open())
        {
            stream.ReadExactly(content);
        }

        var unpickler = new PyTorchUnpickler(new MemoryStream(content), path);
        Root = unpickler.Read();
        foreach (var storage in unpickler.Tensors.Select(tensor => tensor.Storage).Distinct())
        {
            var held = _storages.GetValueOrDefault(storage.Key)
                ?? throw new CheckpointException(path, $"its storage {storage.Key} is missing");
            if ((Int128)(storage.Start + storage.Count) * storage.Width > held.Length)
            {
                throw new CheckpointException(
                    path, $"its storage {storage.Key} has {held.Length} bytes, too few for {storage.Count} numbers of {storage.Type}");
            }
        }
    }

    public object Root { get; }

    public void Read(PyStorage storage, long from, Span<byte> bytes)
    {
        lock (_lock) // one file, one position
        {
            using var stream = _storages[storage.Key].Open();
            Skip(stream, (storage.Start + from) * storage.Width);
            stream.ReadExactly(bytes);
        }
    }

    private static void Skip(Stream stream, long bytes)
    {
        if (stream.CanSeek)
        {
            stream.Position = bytes;
            return;
        }

        var scratch = new byte[Math.Min(bytes, 1 << 16)];
        for (var left = bytes; left > 0;)
        {
            var part = scratch.AsSpan(0, (int)Math.Min(left, scratch.Length));
            stream.ReadExactly(part);
            left -= part.Length;
        }
    }

    private void Check(ZipArchiveEntry entry)
    {
        if (entry.Length > (entry.CompressedLength * MaxPacking) + 1024)
        {
            throw new CheckpointException(_path, $"{entry.FullName} claims {entry.Length} bytes, packed in {entry.CompressedLength}");
        }
    }

    private static string ReadText(ZipArchiveEntry entry)
    {
        var bytes = new byte[Math.Min(entry.Length, 16)];
        using var stream = entry.Open();
        stream.ReadExactly(bytes);
        return System.Text.Encoding.ASCII.GetString(bytes).Trim();
    }
}

/// <summary>The form before: pickles one after the other, then each storage's count and numbers.</summary>
internal sealed class PyTorchLegacy : IPyTorchFile
{
    private const long Version = 1001;

    private static readonly BigInteger Magic = BigInteger.Parse(
        "119547037146038801333356", System.Globalization.CultureInfo.InvariantCulture);

    private readonly FileStream _file;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _starts = new(StringComparer.Ordinal);

    public PyTorchLegacy(FileStream file, string path)
    {
        _file = file;
        var unpickler = new PyTorchUnpickler(file, path);
        if (unpickler.Read() is not BigInteger magic || magic != Magic || unpickler.Read() is not Version)
        {
            throw new CheckpointException(path, "it is a pickle, but not one that torch.save wrote");
        }

        if (unpickler.Read() is not PyDict system || system["little_endian"] is not true)
        {
            throw new CheckpointException(path, "it was not written on a little-endian machine; only such files are read");
        }

        Root = unpickler.Read();
        if (unpickler.Read() is not PyList keys)
        {
            throw new CheckpointException(path, "it has no list of its storages");
        }

        var storages = unpickler.Storages.ToLookup(storage => storage.Key, StringComparer.Ordinal);
        var counter = new PickleReader(file, path);
        foreach (var key in keys.Items.Select(key => key as string ?? ""))
        {
            if (!storages.Contains(key) || !_starts.TryAdd(key, file.Position + sizeof(long)))
            {
                throw new CheckpointException(path, $"it lists a storage {key} that no tensor uses, or twice");
            }

            var count = counter.Int64();
            var width = storages[key].First().Width;
            foreach (var storage in storages[key])
            {
                if (storage.Width != width || storage.Start + storage.Count > count || count > (file.Length - file.Position) / width)
                {
                    throw new CheckpointException(
                        path, $"its storage {key} has {count} numbers and {file.Length - file.Position} bytes follow; "
                            + $"{storage.Count} numbers of {storage.Type} were expected");
                }
            }

            file.Position += count * width;
        }

        if (storages.FirstOrDefault(storage => !_starts.ContainsKey(storage.Key)) is { } missing)
        {
            throw new CheckpointException(path, $"its storage {missing.Key} is missing");
        }
    }

    public object Root { get; }

    public void Read(PyStorage storage, long from, Span<byte> bytes)
    {
        lock (_lock)
        {
            _file.Position = _starts[storage.Key] + ((storage.Start + from) * storage.Width);
            _file.ReadExactly(bytes);
        }
    }
}
