using ActionStream.Core.Media;
using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Packets.Pictures;

namespace ActionStream.Unit.Ingest.Packets.Pictures;

public sealed class PictureReadersTests
{
    private static readonly FrameSize Size = new(64, 48);

    public static TheoryData<int> Streams => [.. Enumerable.Range(0, SamplePackets.All.Count)];

    [Theory]
    [MemberData(nameof(Streams))]
    public void Every_packet_of_an_encoder_is_read_as_ffmpeg_reads_it(int stream)
    {
        var sample = SamplePackets.All[stream];
        var reader = PictureReaders.For(sample.Stream)!;
        Assert.All(sample.Packets, packet =>
        {
            Assert.True(reader.TryRead(packet.Bytes, out var picture));
            if (packet.Truth.Quantiser is not null || sample.Stream.Codec == VideoCodec.Mjpeg)
            {
                Assert.Equal(packet.Truth, picture);
            }
        });
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void Reading_allocates_nothing(int stream)
    {
        var sample = SamplePackets.All[stream];
        var reader = PictureReaders.For(sample.Stream)!;
        ReadAll();
        var before = GC.GetAllocatedBytesForCurrentThread();

        ReadAll();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void ReadAll()
        {
            foreach (var packet in sample.Packets)
            {
                reader.TryRead(packet.Bytes, out _);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void Without_its_parameter_sets_a_picture_is_not_read(int stream)
    {
        var sample = SamplePackets.All[stream];
        if (sample.Stream.Codec is not VideoCodec.Mjpeg)
        {
            // Of a stream that carries them in its packets the second one lacks them; otherwise the header is missing.
            var bare = PictureReaders.For(sample.Stream with { ExtraData = default })!;
            Assert.False(bare.TryRead(sample.Packets[1].Bytes, out _));
        }
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void Whatever_is_cut_off_within_a_header_is_not_read(int stream)
    {
        var sample = SamplePackets.All[stream];
        var packet = sample.Packets[0];
        var read = new List<int>();
        for (var length = 0; length < packet.Bytes.Length; length++)
        {
            if (PictureReaders.For(sample.Stream)!.TryRead(packet.Bytes.AsSpan(0, length), out var picture))
            {
                Assert.Equal(packet.Truth, picture);
                read.Add(length);
            }
        }

        // Start codes do not tell that a slice is not whole; lengths do, but for the border of two slices, and so does the end of a JPEG.
        var isWhole = sample.Stream.ExtraData.Span is [1, ..] || sample.Stream.Codec == VideoCodec.Mjpeg;
        Assert.True(!isWhole || read.Count <= 1, string.Join(' ', read));
    }

    [Theory]
    [InlineData("AV01")]
    [InlineData("VP90")]
    [InlineData("mpg2")]
    public void Other_codecs_are_not_looked_into(string letters) =>
        Assert.Null(PictureReaders.For(new(FourCc(letters), Size, 0, default, (1, 25))));

    [Theory]
    [InlineData("H264", "02640016ffe100")]
    [InlineData("H264", "01640016ffe1")]
    [InlineData("H264", "01640016ffe1ffff6764")]
    [InlineData("H264", "01640016fee10000")]
    [InlineData("HEVC", "0101600000009000000000001ef000fcfdf8f800000f01200001")]
    [InlineData("HEVC", "ffff")]
    public void A_header_that_is_neither_form_is_not_believed(string letters, string extraData) =>
        Assert.Null(PictureReaders.For(new(FourCc(letters), Size, 0, Convert.FromHexString(extraData), (1, 25))));

    [Fact]
    public void A_start_of_an_open_group_is_no_clean_one_in_H264()
    {
        var sample = SamplePackets.All[2];
        var reader = PictureReaders.For(sample.Stream)!;
        var intra = sample.Packets.Select(packet => reader.TryRead(packet.Bytes, out var picture) ? picture : default)
            .Where(picture => picture.Type == PictureType.Intra).ToList();

        Assert.Equal([true, false, false], intra.Select(picture => picture.IsCleanStart));
    }

    [Fact]
    public void A_parameter_set_that_cannot_be_read_takes_the_old_ones_place()
    {
        var sample = SamplePackets.All[0];
        var reader = PictureReaders.For(sample.Stream)!;
        Assert.True(reader.TryRead(sample.Packets[0].Bytes, out _));
        Assert.True(reader.TryRead(sample.Packets[1].Bytes, out _));

        reader.TryRead([0, 0, 1, 0x68, 0x80, 0, 0], out _);

        Assert.False(reader.TryRead(sample.Packets[1].Bytes, out _));
        Assert.True(reader.TryRead(sample.Packets[8].Bytes, out _), "the next key frame brings them anew");
        Assert.True(reader.TryRead(sample.Packets[9].Bytes, out _));
    }

    private static uint FourCc(string letters) =>
        letters.Index().Aggregate(0u, (code, letter) => code | ((uint)letter.Item << (8 * letter.Index)));
}
