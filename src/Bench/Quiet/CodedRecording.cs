using ActionStream.Bench.Reporting;
using ActionStream.Ingest.Ffmpeg.Nut;
using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Packets.Gating;
using ActionStream.Ingest.Packets.Pictures;

namespace ActionStream.Bench.Quiet;

/// <summary>The packets of one recording in decoding order, with what was read of each without decoding it.</summary>
internal sealed class CodedRecording
{
    private readonly List<(CodedPicture Coded, byte[] Bytes)> _packets = [];

    private CodedRecording(CodedStream stream) => Stream = stream;

    public CodedStream Stream { get; }

    public int Count => _packets.Count;

    public CodedPicture this[int index] => _packets[index].Coded;

    /// <exception cref="BenchException">It is no recording of ours.</exception>
    public static CodedRecording Read(string file)
    {
        using var input = new BufferedStream(File.OpenRead(file), 1 << 18);
        var nut = new NutPacketReader(input);
        var recording = new CodedRecording(nut.ReadHeader() ?? throw new BenchException($"{file} has no header"));
        var pictures = PictureReaders.For(recording.Stream);
        while (nut.TryRead(out var head))
        {
            var bytes = new byte[head.Length];
            if (!nut.TryReadBytes(bytes))
            {
                throw new BenchException($"{file} is cut off");
            }

            Picture? picture = pictures is not null && pictures.TryRead(bytes, out var read) ? read : null;
            recording._packets.Add((new(head.Presentation, bytes.Length, head.IsKey, picture), bytes));
        }

        return recording;
    }

    /// <summary>Writes some of the packets as a decoder is fed.</summary>
    public void WriteTo(Stream output, int first, int count)
    {
        var nut = new NutWriter(output);
        nut.WriteHeader(Stream);
        foreach (var (coded, bytes) in _packets.Skip(first).Take(count))
        {
            nut.Write(coded.Presentation, coded.IsKey, bytes);
        }
    }
}
