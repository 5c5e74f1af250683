using ActionStream.Ingest.Packets.Pictures;

namespace ActionStream.Unit.Ingest.Packets.Pictures;

public sealed class MpegAndJpegPicturesTests
{
    private const int I = 0;
    private const int P = 1;
    private const int B = 2;

    [Theory]
    [InlineData(I, 5, PictureType.Intra)]
    [InlineData(P, 31, PictureType.Predicted)]
    [InlineData(B, 1, PictureType.Bidirectional)]
    public void Type_and_quantiser_of_mpeg4_are_those_of_its_header(int type, int quantiser, PictureType expected)
    {
        var picture = Read(Layer(), Plane(type, quantiser));

        Assert.Equal((expected, quantiser), (picture?.Type, picture?.Quantiser));
    }

    [Fact]
    public void An_intra_picture_of_mpeg4_is_a_clean_start_if_none_can_be_predicted_across_it()
    {
        Assert.False(Read(Layer(), Plane(I))?.IsCleanStart);
        Assert.False(Read(Layer(), [.. Group(isClosed: false), .. Plane(I)])?.IsCleanStart);
        Assert.True(Read(Layer(), [.. Group(isClosed: true), .. Plane(I)])?.IsCleanStart);
        Assert.True(Read(Layer(hasLowDelay: true), Plane(I))?.IsCleanStart);
        Assert.True(Read(Layer(kind: 1), Plane(I))?.IsCleanStart);
        Assert.False(Read(Layer(kind: 1), Plane(P))?.IsCleanStart);
    }

    [Fact]
    public void What_contradicts_its_layer_is_not_read() => Assert.Null(Read(Layer(kind: 1), Plane(B)));

    [Fact]
    public void A_picture_that_is_left_out_is_not_read() => Assert.Null(Read(Layer(), Plane(P, isCoded: false)));

    [Fact]
    public void Two_pictures_in_one_packet_are_not_read() => Assert.Null(Read(Layer(), [.. Plane(P), .. Plane(B)]));

    [Fact]
    public void Global_motion_is_not_read() => Assert.Null(Read(Layer(), Plane(3)));

    [Fact]
    public void A_quantiser_of_0_is_not_read() => Assert.Null(Read(Layer(), Plane(P, quantiser: 0)));

    [Fact]
    public void What_is_no_jpeg_from_its_first_byte_to_its_last_is_not_read()
    {
        var reader = new MjpegPictures();
        var jpeg = SamplePackets.All[^1].Packets[0].Bytes;
        Assert.True(reader.TryRead(jpeg, out var picture));
        Assert.Equal(new(PictureType.Intra, null, IsCleanStart: true), picture);
        Assert.True(reader.TryRead([.. jpeg, 13, 10], out _), "what HTTP leaves behind it");

        Assert.False(reader.TryRead(jpeg.AsSpan(0, jpeg.Length - 2), out _), "its end is missing");
        Assert.False(reader.TryRead(jpeg.AsSpan(1), out _), "its first byte is missing");
        Assert.False(reader.TryRead([0xFF, 0xD8, 0xFF, 0xD9], out _), "nothing between");
        Assert.False(reader.TryRead("<html>"u8, out _));
    }

    private static Picture? Read(byte[] layer, byte[] packet) =>
        new Mpeg4Pictures(layer).TryRead(packet, out var picture) ? picture : null;

    private static byte[] Layer(int kind = 17, bool hasLowDelay = false) =>
    [
        0, 0, 1, 0x20,
        .. new BitWriter().Bits(0, 1).Bits(kind, 8).Bits(0, 1).Bits(1, 4)
            .Bits(hasLowDelay ? 0b1_01_1_0 : 0, hasLowDelay ? 5 : 1)
            .Bits(0, 2).Bits(1, 1).Bits(25, 16).Bits(1, 1).Bits(0, 1).Bits(1, 1).Bits(64, 13).Bits(1, 1).Bits(48, 13).Bits(1, 1)
            .Bits(0b01_0_0_0_1_1_0_0, 9).End(),
    ];

    private static byte[] Group(bool isClosed) =>
        [0, 0, 1, 0xB3, .. new BitWriter().Bits(0, 11).Bits(1, 1).Bits(0, 6).Bits(isClosed ? 1 : 0, 1).Bits(0, 1).End()];

    private static byte[] Plane(int type, int quantiser = 7, bool isCoded = true) =>
    [
        0, 0, 1, 0xB6,
        .. new BitWriter().Bits(type, 2).Bits(0b10, 2).Bits(1, 1).Bits(9, 5).Bits(1, 1).Bits(isCoded ? 1 : 0, 1)
            .Bits(0, type == P ? 1 : 0).Bits(0, 3).Bits(quantiser, 5).Bits(0x5A5A, 16).End(),
    ];
}
