using ActionStream.Ingest.Packets.Pictures;

namespace ActionStream.Unit.Ingest.Packets.Pictures;

/// <summary>What a coder of a constant rate fills its packets up with is no picture's.</summary>
public sealed class FillerTests
{
    private static readonly byte[] Slice = [0, 0, 1, 0x41, 0x9A, 0x22, 0x11, 0xFF, 0xFF, 0x80];

    private static byte[] Filled(byte[] header, int bytes, params byte[] after) =>
        [.. Slice, 0, 0, 0, 1, .. header, .. Enumerable.Repeat((byte)0xFF, bytes), 0x80, .. after];

    [Theory]
    [InlineData(4)]
    [InlineData(9000)]
    public void The_unit_that_fills_a_packet_up_is_counted_whole(int bytes)
    {
        Assert.Equal(bytes + 2, Filler.LengthIn(Filled([0x0C], bytes), 0x0C, headerSize: 1));
        Assert.Equal(bytes + 3, Filler.LengthIn(Filled([0x4C, 0x01], bytes), 0x4C, headerSize: 2));
        Assert.Equal(bytes + 4, Filler.LengthIn(Filled([0x0C], bytes, 0, 0), 0x0C, headerSize: 1)); // zeros may follow
    }

    [Fact]
    public void A_picture_that_ends_like_it_is_none()
    {
        Assert.Equal(0, Filler.LengthIn(Slice, 0x0C, headerSize: 1));
        Assert.Equal(0, Filler.LengthIn(Filled([0x06], 100), 0x0C, headerSize: 1)); // a message
        Assert.Equal(0, Filler.LengthIn([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x80], 0x0C, headerSize: 1));
        Assert.Equal(0, Filler.LengthIn([], 0x0C, headerSize: 1));
        Assert.Equal(0, Filler.LengthIn([0x80], 0x4C, headerSize: 2));
    }
}
