using ActionStream.Ingest.Ffmpeg.Nut;

namespace ActionStream.Unit.Ingest.Ffmpeg.Nut;

public sealed class NutSideDataTests
{
    private static readonly byte[] Extradata = [9, .. "Extradata"u8, 4, 3, .. "bin"u8, 2, 0x42, 0x1E];
    private static readonly byte[] UserData = [8, .. "UserData"u8, 4, 3, .. "abc"u8, 3, 1, 2, 3];

    [Fact]
    public void New_parameters_are_found_among_other_things_and_all_of_it_is_read()
    {
        byte[] bytes = [2, .. UserData, .. Extradata, 0];

        Assert.Equal([0x42, 0x1E], Read(bytes, out var left));
        Assert.Equal(0, left);
    }

    [Fact]
    public void Values_of_every_kind_are_passed_over()
    {
        byte[] bytes =
        [
            5,
            1, (byte)'a', 2, 2, .. "hi"u8, // -1: text
            1, (byte)'b', 6, 9, // -3: a number with a sign
            1, (byte)'c', 8, 9, // -4: a time
            1, (byte)'d', 10, 9, // a fraction
            1, (byte)'e', 3, // itself a number
            1, .. UserData,
        ];

        Assert.Null(Read(bytes, out var left));
        Assert.Equal(0, left);
    }

    [Fact]
    public void Nobody_takes_memory_by_a_size_that_the_input_names()
    {
        Assert.Throws<NutException>(() => Read([65], out _));
        Assert.Throws<NutException>(() => Read([1, 0x82, 1], out _));
        Assert.Throws<NutException>(() => Read([1, 9, .. "Extradata"u8, 4, 3, .. "bin"u8, 0x84, 0x80, 1], out _));
        Assert.Throws<EndOfStreamException>(() => Read([1, .. UserData], out _));
    }

    private static byte[]? Read(byte[] bytes, out long left)
    {
        var source = new ByteSource(new MemoryStream(bytes));
        var read = NutSideData.Read(source);
        left = bytes.Length - source.Position;
        return read;
    }
}
