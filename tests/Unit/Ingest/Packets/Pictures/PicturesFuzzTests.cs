using ActionStream.Core.Media;
using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Packets.Pictures;
using ActionStream.Unit.Fuzz;
using Xunit.Abstractions;

namespace ActionStream.Unit.Ingest.Packets.Pictures;

/// <summary>Damaged packets: read as a picture that may exist, or not read; never a crash or a hang.</summary>
public sealed class PicturesFuzzTests(ITestOutputHelper output)
{
    private const int PacketsOfOneReader = 40;

    [Fact]
    public void A_hundred_thousand_damaged_packets_are_read_as_pictures_that_may_exist_or_not_at_all()
    {
        var streams = SamplePackets.All.Concat(Random()).ToList();
        var chance = new Random(15);
        var buffer = new byte[1 << 16];
        var (read, unread) = (0, 0);
        for (var count = Mutations.Count(100_000); count > 0;)
        {
            var sample = streams[chance.Next(streams.Count)];
            if (PictureReaders.For(sample.Stream with { ExtraData = Damaged(sample, chance, buffer) }) is not { } reader)
            {
                count--;
                unread++;
                continue;
            }

            for (var left = PacketsOfOneReader; left > 0; left--, count--)
            {
                var packet = Damage(chance, sample.Packets, buffer);
                if (!reader.TryRead(packet, out var picture))
                {
                    unread++;
                    continue;
                }

                read++;
                if (!MayExist(sample.Stream.Codec, picture))
                {
                    Assert.Fail($"{picture} of {Convert.ToHexString(packet)}");
                }
            }
        }

        output.WriteLine($"{read} read, {unread} not");
        Assert.True(read > 1000 && unread > 1000, $"{read} read, {unread} not");
    }

    private static bool MayExist(VideoCodec codec, Picture picture) =>
        Enum.IsDefined(picture.Type) && (!picture.IsCleanStart || picture.Type == PictureType.Intra) && codec switch
        {
            VideoCodec.H264 => picture.Quantiser is >= -36 and <= 51,
            VideoCodec.H265 => picture.Quantiser is >= -48 and <= 51,
            VideoCodec.Mpeg4 => picture.Quantiser is >= 1 and < 512,
            _ => picture is { Quantiser: null, IsCleanStart: true },
        };

    private static IEnumerable<SampleStream> Random()
    {
        for (var seed = 0; seed < 4; seed++)
        {
            var (h264, h265) = (new RandomH264(seed), new RandomH265(seed));
            yield return new(
                new(0x34363248, new FrameSize(64, 48), 0, h264.Parameters, (1, 25)),
                [.. Enumerable.Range(0, 20).Select(_ => new SamplePacket(h264.Next().Packet, default))]);
            yield return new(
                new(0x43564548, new FrameSize(64, 48), 0, h265.Parameters, (1, 25)),
                [.. Enumerable.Range(0, 20).Select(_ => new SamplePacket(h265.Next().Packet, default))]);
        }
    }

    /// <summary>The stream's header, every fourth time with a few bits turned.</summary>
    private static byte[] Damaged(SampleStream sample, Random chance, byte[] buffer)
    {
        var header = sample.Stream.ExtraData;
        return chance.Next(4) > 0 || header.IsEmpty
            ? header.ToArray()
            : Damage(chance, [new(header.ToArray(), default)], buffer).ToArray();
    }

    /// <summary>A packet with bits turned, cut off, with a part of another one, or with a run of one value; mostly near its
    /// head.</summary>
    private static ReadOnlySpan<byte> Damage(Random chance, List<SamplePacket> packets, byte[] buffer)
    {
        var packet = packets[chance.Next(packets.Count)].Bytes;
        packet.CopyTo(buffer, 0);
        var length = packet.Length;
        for (var times = 1 + chance.Next(3); times > 0 && length > 0; times--)
        {
            var at = chance.Next(chance.Next(3) > 0 ? Math.Min(length, 40) : length);
            switch (chance.Next(8))
            {
                case 0: // the rest is missing
                    length = at;
                    break;
                case 1: // the rest is another one's
                    var other = packets[chance.Next(packets.Count)].Bytes;
                    var from = chance.Next(other.Length);
                    other.AsSpan(from).CopyTo(buffer.AsSpan(at));
                    length = at + other.Length - from;
                    break;
                case 2: // a run
                    buffer.AsSpan(at, Math.Min(1 + chance.Next(12), length - at)).Fill((byte)(chance.Next(2) * 255));
                    break;
                case 3: // a part is missing
                    var gap = Math.Min(1 + chance.Next(8), length - at);
                    buffer.AsSpan(at + gap, length - at - gap).CopyTo(buffer.AsSpan(at));
                    length -= gap;
                    break;
                default: // a bit turns
                    buffer[at] ^= (byte)(1 << chance.Next(8));
                    break;
            }
        }

        return buffer.AsSpan(0, length);
    }
}
