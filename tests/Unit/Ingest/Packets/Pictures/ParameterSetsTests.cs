using ActionStream.Core.Media;
using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Packets.Pictures;

namespace ActionStream.Unit.Ingest.Packets.Pictures;

public sealed class ParameterSetsTests
{
    private const uint H264 = 0x34363248;

    // Of number 0 and number 1: behind profile, constraints and level, and at the beginning.
    private static readonly byte[] Sequence = [0x67, 66, 0, 30, 0xF8, 1];
    private static readonly byte[] OtherSequence = [0x67, 66, 0, 30, 0xF8, 2];
    private static readonly byte[] SecondSequence = [0x67, 66, 0, 30, 0x5F, 3];
    private static readonly byte[] Set = [0x68, 0xCE, 0x38];
    private static readonly byte[] Slice = [0x65, 0x88, 0x84];
    private static readonly byte[] Delimiter = [9, 0x10];

    private readonly ParameterSets _sets = new(Stream([]));

    [Fact]
    public void What_came_with_earlier_packets_can_stand_in_front_of_a_later_one_and_is_the_same_memory_while_nothing_changes()
    {
        Assert.True(Take(Slice).IsEmpty);
        var first = Take(Delimiter, Sequence, Set, Slice);

        Assert.Equal(Chain(Sequence, Set), first.ToArray());
        Assert.True(first.Equals(Take(Slice)));
        Assert.True(first.Equals(Take(Delimiter, Sequence, Set, Slice)));
        Assert.True(first.Equals(Take(Set, Sequence)));
        Assert.False(first.Equals(Take(OtherSequence, Set, Slice)));
    }

    [Fact]
    public void A_set_takes_the_place_of_the_one_with_its_number_and_no_other()
    {
        Take(SecondSequence, Set, Sequence, Slice);

        Assert.Equal(Chain(OtherSequence, SecondSequence, Set), Take(OtherSequence, Slice).ToArray());
        Assert.Equal(Chain(Sequence, SecondSequence, Set), Take(Sequence, Slice).ToArray());
    }

    [Fact]
    public void Nothing_is_looked_for_behind_a_picture() => Assert.Equal(Chain(Sequence), Take(Sequence, Slice, Set).ToArray());

    [Fact]
    public void What_is_longer_than_a_set_of_any_camera_is_not_kept()
    {
        Assert.True(Take([.. Sequence, .. Enumerable.Repeat((byte)1, ParameterSets.Longest)], Slice).IsEmpty);
    }

    [Fact]
    public void Where_units_have_lengths_in_front_so_have_the_sets()
    {
        var sets = new ParameterSets(Stream([1, 66, 0, 30, 0xFD, 0xE0, 0])); // two bytes
        byte[] lengths = [0, 6, .. Sequence, 0, 3, .. Set];

        Assert.Equal(lengths, sets.Take([.. lengths, 0, 3, .. Slice]).ToArray());
    }

    [Fact]
    public void A_later_packet_behind_them_needs_nothing_else()
    {
        var count = 0;
        foreach (var sample in SamplePackets.All.Where(sample => sample.Stream.Codec is VideoCodec.H264 or VideoCodec.H265))
        {
            var sets = new ParameterSets(sample.Stream);
            ReadOnlyMemory<byte> all = default;
            sample.Packets.ForEach(packet => all = sets.Take(packet.Bytes));
            if (all.IsEmpty)
            {
                continue; // its sets are in its header
            }

            count++;
            var reader = PictureReaders.For(sample.Stream with { ExtraData = default })!;
            Assert.True(reader.TryRead([.. all.Span, .. sample.Packets[1].Bytes], out var picture));
            Assert.Equal(sample.Packets[1].Truth.Type, picture.Type);
        }

        Assert.True(count > 1, $"{count} streams");
    }

    [Fact]
    public void Looking_again_allocates_nothing()
    {
        var packet = Chain(Delimiter, Sequence, Set, Slice);
        _sets.Take(packet);
        _sets.Take(packet);
        var before = GC.GetAllocatedBytesForCurrentThread();

        _sets.Take(packet);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Whatever_comes_sets_are_few_and_nothing_is_thrown()
    {
        var chance = new Random(4);
        foreach (var sample in SamplePackets.All)
        {
            var sets = new ParameterSets(sample.Stream);
            for (var i = 0; i < 2000; i++)
            {
                var packet = sample.Packets[chance.Next(sample.Packets.Count)].Bytes.ToArray();
                for (var j = chance.Next(8); j > 0; j--)
                {
                    packet[chance.Next(Math.Min(packet.Length, 60))] = (byte)chance.Next(256);
                }

                Assert.InRange(sets.Take(packet).Length, 0, 300 * ParameterSets.Longest);
            }
        }
    }

    private static CodedStream Stream(byte[] extraData) => new(H264, new FrameSize(64, 48), 0, extraData, (1, 25));

    private static byte[] Chain(params byte[][] units) => [.. units.SelectMany(unit => (byte[])[0, 0, 0, 1, .. unit])];

    private ReadOnlyMemory<byte> Take(params byte[][] units) => _sets.Take(Chain(units));
}
