using ActionStream.Ingest.Packets.Pictures;

namespace ActionStream.Unit.Ingest.Packets.Pictures;

public sealed class H264PicturesTests
{
    private const int P = 0;
    private const int I = 2;

    [Fact]
    public void A_picture_is_intra_only_if_all_its_slices_are()
    {
        Assert.Equal(PictureType.Intra, Read([.. Slice(I), .. Slice(I, first: 7), .. Slice(I, first: 9)])?.Type);
        Assert.Equal(PictureType.Predicted, Read([.. Slice(I), .. Slice(I, first: 7), .. Slice(P, first: 9)])?.Type);
        Assert.Equal(PictureType.Intra, Read([.. Slice(I + 5), .. Slice(I + 5, first: 7)])?.Type);
    }

    [Fact]
    public void The_quantiser_is_that_of_the_first_slice() =>
        Assert.Equal(31, Read([.. Slice(P, quantiser: 31), .. Slice(P, first: 5, quantiser: 12)])?.Quantiser);

    [Fact]
    public void A_picture_whose_first_slice_was_lost_is_not_read() => Assert.Null(Read(Slice(P, first: 5)));

    [Fact]
    public void Zeros_before_the_first_start_code_and_behind_the_last_unit_do_no_harm() =>
        Assert.NotNull(Read([0, 0, 0, .. Slice(P), 0, 0, 0]));

    [Fact]
    public void Anything_else_before_the_first_start_code_does() => Assert.Null(Read([1, .. Slice(P)]));

    [Fact]
    public void Messages_delimiters_and_prefixes_are_passed_over() => Assert.NotNull(Read(
        [0, 0, 1, 9, 0xF0, 0, 0, 1, 6, 5, 4, 1, 2, 3, 4, 0x80, 0, 0, 1, 0x6E, 0x40, 0x80, 0x10, .. Slice(P)]));

    [Theory]
    [InlineData(0x42)] // data partition
    [InlineData(0x54)] // slice of a further layer
    [InlineData(0x55)]
    [InlineData(0xC1)] // the bit that must be 0
    public void Units_that_we_do_not_read_make_the_picture_unknown(byte header)
    {
        var slice = Slice(P);
        slice[3] = header;
        Assert.Null(Read(slice));
    }

    [Theory]
    [InlineData(3)] // for switching between streams
    [InlineData(4)]
    [InlineData(10)]
    public void Types_that_we_do_not_read_make_the_picture_unknown(int type) => Assert.Null(Read(Slice(type)));

    [Theory]
    [InlineData(52)]
    [InlineData(-1)]
    public void A_quantiser_out_of_range_makes_the_picture_unknown(int quantiser) => Assert.Null(Read(Slice(P, quantiser: quantiser)));

    [Fact]
    public void A_start_that_needs_other_pictures_is_none()
    {
        Assert.True(Read(Slice(I, isStart: true)) is { IsCleanStart: true });
        Assert.Null(Read(Slice(P, isStart: true)));
    }

    [Theory]
    [InlineData(88)] // extended: data partitions
    [InlineData(118)] // stereo
    public void Profiles_that_we_do_not_read_make_all_pictures_unknown(int profile) => Assert.Null(Read(Slice(P), profile));

    private static Picture? Read(byte[] packet, int profile = 66)
    {
        var sequence = new BitWriter().Bits(profile, 8).Bits(0, 8).Bits(40, 8).Unsigned(0).Unsigned(0).Unsigned(2).Unsigned(1).Bits(0, 1)
            .Unsigned(3).Unsigned(2).Bits(1, 1).Bits(0, 3).End();
        var pictures = new BitWriter().Unsigned(0).Unsigned(0).Bits(0, 2).Unsigned(0).Unsigned(0).Unsigned(0).Bits(0, 3).Signed(0).Signed(0)
            .Signed(0).Bits(0, 3).End();
        var reader = H264Pictures.Of([.. BitWriter.Unit([0x67], sequence), .. BitWriter.Unit([0x68], pictures)])!;
        return reader.TryRead(packet, out var picture) ? picture : null;
    }

    private static byte[] Slice(int type, int first = 0, int quantiser = 26, bool isStart = false)
    {
        var to = new BitWriter().Unsigned(first).Unsigned(type).Unsigned(0).Bits(isStart ? 0 : 3, 4);
        if (isStart)
        {
            to.Unsigned(0);
        }

        to.Bits(0, type % 5 == I ? 0 : 2).Bits(0, isStart ? 2 : 1).Signed(quantiser - 26);
        return BitWriter.Unit([isStart ? (byte)0x65 : (byte)0x41], to.Bits(0xABCD, 16).End())[1..];
    }
}
