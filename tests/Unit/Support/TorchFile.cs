using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace ActionStream.Unit.Support;

/// <summary>Writes what torch.save would: pickles by hand, so that a test can also write what torch never would.</summary>
internal sealed class Pickle
{
    private readonly List<byte> _bytes = [0x80, 2];

    public Pickle Op(params ReadOnlySpan<byte> code)
    {
        _bytes.AddRange(code);
        return this;
    }

    public Pickle Text(string text)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, Encoding.UTF8.GetByteCount(text));
        return Op((byte)'X').Op(length).Op(Encoding.UTF8.GetBytes(text));
    }

    public Pickle Int(long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return Op(0x8A, 8).Op(bytes);
    }

    public Pickle Global(string module, string name) => Op((byte)'c').Op(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));

    public Pickle Ints(params ReadOnlySpan<int> values)
    {
        Op((byte)'(');
        foreach (var value in values)
        {
            Int(value);
        }

        return Op((byte)'t');
    }

    /// <summary>A view of a storage; two of them may share one.</summary>
    public Pickle Tensor(string storage, string key, int count, int offset, int[] shape, int[] strides) =>
        Global("torch._utils", "_rebuild_tensor_v2").Op((byte)'(')
            .Op((byte)'(').Text("storage").Global("torch", storage).Text(key).Text("cpu").Int(count).Op((byte)'t').Op((byte)'Q')
            .Int(offset).Ints(shape).Ints(strides).Op(0x89).Global("collections", "OrderedDict").Op((byte)')').Op((byte)'R')
            .Op((byte)'t').Op((byte)'R');

    public byte[] End() => [.. _bytes, (byte)'.'];
}

/// <summary>Puts pickles and storages in a file.</summary>
internal static class TorchFile
{
    public static void WriteZip(string path, byte[] pickle, params ReadOnlySpan<(string Name, byte[] Bytes)> entries)
    {
        using var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        Put("data.pkl", pickle);
        foreach (var (name, bytes) in entries)
        {
            Put(name, bytes);
        }

        void Put(string name, byte[] bytes)
        {
            using var entry = zip.CreateEntry($"archive/{name}", CompressionLevel.NoCompression).Open();
            entry.Write(bytes);
        }
    }

    public static void WriteLegacy(
        string path, byte[] pickle, bool isLittleEndian = true, params ReadOnlySpan<(string Key, int Count, byte[] Bytes)> storages)
    {
        using var file = File.Create(path);
        file.Write(new Pickle().Op(0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19).End());
        file.Write(new Pickle().Int(1001).End());
        file.Write(new Pickle().Op((byte)'}').Text("little_endian").Op((byte)(isLittleEndian ? 0x88 : 0x89)).Op((byte)'s').End());
        file.Write(pickle);
        var keys = new Pickle().Op((byte)']');
        foreach (var (key, _, _) in storages)
        {
            keys.Text(key).Op((byte)'a');
        }

        file.Write(keys.End());
        foreach (var (_, count, bytes) in storages)
        {
            file.Write(BitConverter.GetBytes((long)count));
            file.Write(bytes);
        }
    }

    public static byte[] Bytes<T>(params ReadOnlySpan<T> values)
        where T : unmanaged => MemoryMarshal.AsBytes(values).ToArray();
}
