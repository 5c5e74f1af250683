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

        Compare("random.h264", random.Parameters, [.. pictures.Select(picture => picture.Packet)], [.. pictures.Select(picture => picture.Truth)]);
    }

    [NeedsTheory("ffmpeg")]
    [InlineData(1)]
    [InlineData(2)]
    public void Headers_of_H265_are_what_ffmpeg_reads(int seed)
    {
        var random = new RandomH265(seed);
        var pictures = Enumerable.Range(0, 200).Select(_ => random.Next()).ToList();

        Compare("random.hevc", random.Parameters, [.. pictures.Select(picture => picture.Packet)], [.. pictures.Select(picture => (Picture?)picture.Truth)]);
    }

    private static void Compare(string name, byte[] parameters, byte[][] packets, Picture?[] truth)
    {
        // The first delimiter stands before the parameter sets, so that they belong to the first picture.
        var path = Videos.Write(name, [.. packets[0][..7], .. parameters, .. packets[0][7..], .. packets[1..].SelectMany(packet => packet)]);
        var traced = CodedVideo.Trace(path);

        Assert.Equal(packets.Length, traced.Count);
        Assert.All(traced.Zip(truth), pair =>
        {
            if (pair.Second is { } picture)
            {
                Assert.Equal(picture, new Picture(pair.First.Type, pair.First.Quantiser, pair.First.IsClean));
            }
        });
    }
}
