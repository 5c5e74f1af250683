using System.Globalization;
using ActionStream.Core.Media;
using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Packets.Pictures;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Ingest.Packets.Pictures;

/// <summary>Packets of real encoders with what ffmpeg says of them.</summary>
internal static class SamplePackets
{
    public static IReadOnlyList<SampleStream> All { get; } = Read();

    private static List<SampleStream> Read()
    {
        var streams = new List<SampleStream>();
        foreach (var line in File.ReadLines(Repository.At("tests", "Unit", "Ingest", "Packets", "Pictures", "packets.txt")).Skip(1))
        {
            var words = line.Split(' ');
            if (words[0] == "stream")
            {
                var fourCc = uint.Parse(words[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                streams.Add(new(new(fourCc, new FrameSize(64, 48), 0, Convert.FromHexString(words[2]), (1, 25)), []));
                continue;
            }

            var quantiser = words[1] == "-" ? (int?)null : int.Parse(words[1], CultureInfo.InvariantCulture);
            streams[^1].Packets.Add(new(
                Convert.FromHexString(words[3]), new(Enum.Parse<PictureType>(words[0]), quantiser, words[2] == "clean")));
        }

        return streams;
    }
}

/// <summary>One encoder's output.</summary>
internal sealed record SampleStream(CodedStream Stream, List<SamplePacket> Packets);

/// <summary>One packet; without a quantiser, ffmpeg said nothing of it.</summary>
internal sealed record SamplePacket(byte[] Bytes, Picture Truth);
