using ActionStream.Core.Media;
using ActionStream.EndToEnd.Support;
using ActionStream.Ingest.Packets.Pictures;
using ActionStream.Unit.Ingest.Packets.Pictures;

namespace ActionStream.EndToEnd.Contracts.Ingest.Pictures;

/// <summary>What the unit tests take for headers of H.264 and H.265 is what ffmpeg takes for them: long-term references, reordered
/// lists, sets told as changes, and all else that no encoder at hand writes.</summary>
public sealed class RandomHeadersTests
{
    [NeedsTheory("ffmpeg")]
    [InlineData(1)]
    [InlineData(2)]
    public void Headers_of_H264_are_what_ffmpeg_reads(int seed)
    {
        var random = new RandomH264(seed);
        var pictures = Enumerable.Range(0, 200).Select(_ => random.Next()).ToList();

        Compare(
            "random.h264", random.Parameters, [.. pictures.Select(picture => picture.Packet)],
            [.. pictures.Select(picture => picture.Truth)]);
    }

    [NeedsTheory("ffmpeg")]
    [InlineData(1)]
    [InlineData(2)]
    public void Headers_of_H265_are_what_ffmpeg_reads(int seed)
    {
        var random = new RandomH265(seed);
        var pictures = Enumerable.Range(0, 200).Select(_ => random.Next()).ToList();

        Compare(
            "random.hevc", random.Parameters, [.. pictures.Select(picture => picture.Packet)],
            [.. pictures.Select(picture => (Picture?)picture.Truth)]);
    }

    [NeedsTheory("ffmpeg")]
    [InlineData(1)]
    [InlineData(2)]
    public void Damaged_headers_of_H264_are_read_as_ffmpeg_reads_them_or_not_at_all(int seed)
    {
        var random = new RandomH264(seed);
        var packets = Enumerable.Range(0, 400).Select(_ => random.Next().Packet).ToArray();
        CompareDamaged("damaged.h264", 0x34363248, seed, random.Parameters, packets, header: 12);
    }

    [NeedsTheory("ffmpeg")]
    [InlineData(1)]
    [InlineData(2)]
    public void Damaged_headers_of_H265_are_read_as_ffmpeg_reads_them_or_not_at_all(int seed)
    {
        var random = new RandomH265(seed);
        var packets = Enumerable.Range(0, 400).Select(_ => random.Next().Packet).ToArray();
        CompareDamaged("damaged.hevc", 0x43564548, seed, random.Parameters, packets, header: 13);
    }

    /// <param name="header">Bytes in front of the slice's header: the delimiter, start codes, the unit's header.</param>
    private static void CompareDamaged(string name, uint fourCc, int seed, byte[] parameters, byte[][] packets, int header)
    {
        // Bits turn behind the first, which says that a picture begins: what belongs to which picture stays as it is.
        var chance = new Random(seed);
        foreach (var packet in packets)
        {
            for (var times = 1 + chance.Next(2); times > 0; times--)
            {
                var bit = 1 + chance.Next(8 * 12);
                packet[header + (bit / 8)] ^= (byte)(0x80 >> (bit % 8));
            }
        }

        var odd = new List<string>();
        var traced = Traced(name, parameters, packets);
        var reader = PictureReaders.For(new(fourCc, new FrameSize(1, 1), 0, parameters, (1, 25)))!;
        var (same, unread) = (0, 0);
        Assert.Equal(packets.Length, traced.Count);
        foreach (var (i, packet) in packets.Index())
        {
            if (reader.TryRead(packet, out var picture))
            {
                if (traced[i].Quantiser is null || picture != new Picture(traced[i].Type, traced[i].Quantiser, traced[i].IsClean))
                {
                    odd.Add($"{i}: {picture}, should be {traced[i]}");
                }

                same++;
            }
            else
            {
                unread++;
            }
        }

        Assert.True(odd.Count == 0, string.Join('\n', odd));
        Assert.True(same > 50 && unread > 50, $"{same} read, {unread} not");
    }

    private static void Compare(string name, byte[] parameters, byte[][] packets, Picture?[] truth)
    {
        var traced = Traced(name, parameters, packets);

        Assert.Equal(packets.Length, traced.Count);
        Assert.All(traced.Zip(truth), pair =>
        {
            if (pair.Second is { } picture)
            {
                Assert.Equal(picture, new Picture(pair.First.Type, pair.First.Quantiser, pair.First.IsClean));
            }
        });
    }

    private static List<TracedPacket> Traced(string name, byte[] parameters, byte[][] packets)
    {
        // The first delimiter stands before the parameter sets, so that they belong to the first picture.
        var delimiter = name.EndsWith("h264", StringComparison.Ordinal) ? 6 : 7;
        return CodedVideo.Trace(Videos.Write(
            name, [.. packets[0][..delimiter], .. parameters, .. packets[0][delimiter..], .. packets[1..].SelectMany(packet => packet)]));
    }
}
