using System.Diagnostics;
using ActionStream.Ingest.Decoding;
using ActionStream.Ingest.Packets;

namespace ActionStream.Unit.Ingest.Decoding;

public sealed class BrokenLinkTests
{
    private const byte Vps = 32 << 1;
    private const byte Cra = 21 << 1;
    private const byte Bla = 16 << 1;
    private const byte Idr = 19 << 1;

    private static readonly byte[] Hvcc = [1, .. new byte[20], 0xFC | 3, 0];
    private static readonly byte[] Hvcc2 = [1, .. new byte[20], 0xFC | 1, 0];

    [Fact]
    public void Every_slice_of_a_CRA_picture_behind_start_codes_becomes_one_of_a_BLA_picture()
    {
        byte[] picture = [0, 0, 0, 1, Vps, 1, 7, 0, 0, 1, Cra, 1, 0x80, 9, 0, 0, 1, Cra | 0x81, 1, 0x40];
        var link = new BrokenLink(Stream("HEVC", [0, 0, 0, 1]));

        Assert.True(link.IsNeeded(picture));
        link.Mark(picture);

        Assert.Equal([0, 0, 0, 1, Vps, 1, 7, 0, 0, 1, Bla, 1, 0x80, 9, 0, 0, 1, Bla | 0x81, 1, 0x40], picture);
        Assert.False(link.IsNeeded(picture));
        link.Mark(picture);
        Assert.Equal(Bla, picture[10]);
    }

    [Fact]
    public void So_does_every_slice_behind_a_length_and_nothing_that_only_looks_like_one()
    {
        byte[] picture = [0, 0, 0, 3, Vps, 0, 0, 0, 0, 0, 5, Cra, 1, 0, 1, Cra, 0, 0, 0, 2, Cra, 1];
        var link = new BrokenLink(Stream("HEVC", Hvcc));

        Assert.True(link.IsNeeded(picture));
        link.Mark(picture);

        Assert.Equal([0, 0, 0, 3, Vps, 0, 0, 0, 0, 0, 5, Bla, 1, 0, 1, Cra, 0, 0, 0, 2, Bla, 1], picture);
    }

    [Fact]
    public void Lengths_have_as_many_bytes_as_the_header_says()
    {
        byte[] picture = [0, 2, Vps, 1, 0, 3, Cra, 1, Cra];
        var link = new BrokenLink(Stream("HEVC", Hvcc2));

        link.Mark(picture);

        Assert.Equal([0, 2, Vps, 1, 0, 3, Bla, 1, Cra], picture);
    }

    [Theory]
    [InlineData("HEVC", Idr)]
    [InlineData("HEVC", Vps)]
    [InlineData("H264", Cra)]
    [InlineData("MJPG", Cra)]
    public void Whatever_begins_a_count_of_its_own_stays_as_it_is(string codec, byte unit)
    {
        var link = new BrokenLink(Stream(codec, [0, 0, 0, 1]));

        Assert.False(link.IsNeeded([0, 0, 0, 1, unit, 1, 2, 3]));
    }

    [Fact]
    public void Bytes_that_are_no_picture_change_neither_length_nor_anything_but_types()
    {
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var picture = new byte[random.Next(40)];
            random.NextBytes(picture);
            for (var zeros = random.Next(picture.Length + 1); zeros > 0; zeros--)
            {
                picture[random.Next(picture.Length)] = (byte)random.Next(2);
            }

            var before = picture.ToArray();
            var link = new BrokenLink(Stream("HEVC", (i % 3) switch { 0 => [], 1 => Hvcc, _ => Hvcc2 }));
            var isNeeded = link.IsNeeded(picture);
            link.Mark(picture);

            Assert.Equal(isNeeded, !before.SequenceEqual(picture));
            Assert.All(before.Zip(picture), pair => Assert.True(
                pair.First == pair.Second || ((pair.First ^ pair.Second) == (Cra ^ Bla) && (pair.First & 0x7E) == Cra)));
            Assert.False(link.IsNeeded(picture));
        }
    }

    [Fact]
    public void A_picture_of_nothing_but_slices_is_marked_in_one_pass()
    {
        var picture = new byte[8_000_000];
        for (var i = 0; i < picture.Length; i += 4)
        {
            (picture[i + 2], picture[i + 3]) = (1, Cra);
        }

        var link = new BrokenLink(Stream("HEVC", []));
        var watch = Stopwatch.StartNew();
        link.Mark(picture);

        Assert.False(link.IsNeeded(picture));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}"); // pass by pass it took hours
    }

    private static CodedStream Stream(string codec, byte[] extra) => new(
        codec[0] | ((uint)codec[1] << 8) | ((uint)codec[2] << 16) | ((uint)codec[3] << 24), new(64, 64), 0, extra, (1, 90_000));
}
