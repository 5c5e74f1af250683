using System.Buffers.Binary;

namespace ActionStream.Publish.Mqtt;

/// <summary>A file of records that is only ever appended to, and now and then written anew without what is done with.</summary>
/// <remarks>
/// Each record is `ASJ1`, its length, its CRC-32C and its bytes. A write goes to the system at once, so the death of the process
/// loses nothing; <see cref="Flush"/> also takes it past a power cut. Whatever does not check out when it is read, as the end
/// that a power cut tore, is skipped up to the next record that does.
/// </remarks>
internal sealed class Journal : IDisposable
{
    private const int HeadBytes = RecordScan.HeadBytes;
    private const long LongestFile = int.MaxValue / 2;

    private readonly string _path;
    private FileStream _file;
    private byte[] _buffer = new byte[4096];

    private Journal(string path, FileStream file) => (_path, _file) = (path, file);

    /// <summary>Bytes in the file.</summary>
    public long Length { get; private set; }

    /// <summary>Opens or makes the file. Nobody else may have it open.</summary>
    /// <param name="take">Gets every record, in order.</param>
    /// <param name="damaged">Places at which records could not be read.</param>
    public static Journal Open(string path, Action<ReadOnlySpan<byte>> take, out int damaged)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        try
        {
            if (file.Length > LongestFile)
            {
                throw new IOException($"{file.Length} bytes are more than we ever write");
            }

            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            var scan = new RecordScan(bytes);
            scan.Read(take);
            damaged = scan.Damaged;
            return new(path, file) { Length = file.Length };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Append(ReadOnlySpan<byte> record)
    {
        Write(_file, record);
        Length = _file.Position;
    }

    /// <summary>Replaces all records by these. The old file stays whole until the new one is on disk.</summary>
    public void Rewrite(IEnumerable<ReadOnlyMemory<byte>> records)
    {
        var next = new FileStream(_path + ".new", FileMode.Create, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        try
        {
            foreach (var record in records)
            {
                Write(next, record.Span);
            }

            next.Flush(flushToDisk: true);
            File.Move(_path + ".new", _path, overwrite: true);
        }
        catch
        {
            next.Dispose();
            throw;
        }

        _file.Dispose();
        (_file, Length) = (next, next.Position);
    }

    /// <summary>Waits until the disk has everything. May be called beside a write.</summary>
    public void Flush()
    {
        var handle = _file.SafeFileHandle;
        try
        {
            RandomAccess.FlushToDisk(handle);
        }
        catch (ObjectDisposedException)
        {
            // Rewritten meanwhile, and that flushes.
        }
    }

    public void Dispose() => _file.Dispose();

    private void Write(FileStream file, ReadOnlySpan<byte> record)
    {
        var whole = HeadBytes + record.Length;
        if (_buffer.Length < whole)
        {
            _buffer = new byte[whole * 2];
        }

        BinaryPrimitives.WriteUInt32LittleEndian(_buffer, RecordScan.Mark);
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(4), record.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(8), RecordScan.Checksum(record));
        record.CopyTo(_buffer.AsSpan(HeadBytes));
        file.Write(_buffer, 0, whole); // one call, so that a death in between leaves at most one torn record
    }
}
