using ActionStream.Core.Media;
using ActionStream.Ingest.Ffmpeg.Nut;
using ActionStream.Ingest.Packets;

namespace ActionStream.Unit.Ingest.Ffmpeg.Nut;

public sealed class NutPacketTests
{
    private static readonly CodedStream H264 = Coded("H264", [0, 0, 0, 1, 0x67, 0x42]);

    [Fact]
    public void What_was_written_is_read()
    {
        var random = new Random(1);
        (TimeSpan Time, bool IsKey, byte[] Bytes)[] packets =
        [
            (TimeSpan.Zero, true, Noise(random, 1)),
            (TimeSpan.FromTicks(400_000), false, []),
            (TimeSpan.FromTicks(399_999), false, Noise(random, 16 * 1024)), // shown before the one before
            (TimeSpan.FromDays(10_000), true, Noise(random, 300_000)),
            (TimeSpan.FromTicks(1), false, Noise(random, 4097)),
        ];

        var nut = Write(H264, packets);
        var read = ReadAll(nut, out var reader);

        Assert.Equal(packets.Select(packet => (packet.Time, packet.IsKey)), read.Select(packet => (packet.Time, packet.IsKey)));
        Assert.All(packets.Zip(read), pair => Assert.Equal(pair.First.Bytes, pair.Second.Bytes));
        Assert.False(reader.WasCutOff);
    }

    [Fact]
    public void The_stream_comes_back_as_it_was()
    {
        var hevc = new CodedStream(VideoFourCc("HEVC"), new(3840, 2160), 2, new byte[5000], (1, 90_000))
        {
            PixelAspect = (16, 15),
            ColourSpace = 18,
        };

        var reader = new NutPacketReader(new MemoryStream(Write(hevc)));

        var read = Assert.IsType<CodedStream>(reader.ReadHeader());
        Assert.Equal(hevc with { ExtraData = default, TimeBase = (1, 10_000_000) }, read with { ExtraData = default });
        Assert.Equal(hevc.ExtraData, read.ExtraData);
        Assert.Same(read, reader.Stream);
        Assert.False(reader.TryRead(out _));
        Assert.False(reader.WasCutOff);
    }

    [Fact]
    public void A_header_that_says_something_else_is_another_stream_and_one_that_repeats_is_not()
    {
        var other = H264 with { ExtraData = new byte[] { 1, 2, 3 } };
        byte[] nut = [.. Write(H264), .. Headers(H264), .. Frame(1), .. Headers(other), .. Frame(2)];
        var reader = new NutPacketReader(new MemoryStream(nut));

        var first = reader.ReadHeader();
        Assert.True(reader.TryRead(out _));
        Assert.Same(first, reader.Stream);
        Assert.True(reader.TryRead(out _)); // the bytes of the first were not wanted

        Assert.Equal(other.ExtraData, reader.Stream!.ExtraData);
        Assert.False(reader.TryRead(out _));
        Assert.False(reader.WasCutOff);
    }

    [Fact]
    public void Frames_written_apart_are_one_stream_behind_one_header()
    {
        byte[] nut = [.. Write(H264), .. Frame(3), .. Frame(1), .. Frame(2)];

        Assert.Equal([3, 1, 2], ReadAll(nut, out _).Select(packet => packet.Time.TotalSeconds));
    }

    [Fact]
    public void A_frame_larger_than_any_camera_makes_is_refused_before_memory_is_asked_for()
    {
        // A frame's head with its length in place of what was written: 64 MiB and one byte.
        byte[] nut = [.. Write(H264), 1, 1, 0xA0, 0x80, 0x80, 0x01, 0, 0, 0, 0];
        var reader = new NutPacketReader(new MemoryStream(nut));
        reader.ReadHeader();

        var refused = Assert.Throws<NutException>(() => reader.TryRead(out _));

        Assert.Contains("67108865 bytes", refused.Message);
        Assert.Contains("at most 67108864", refused.Message);
    }

    [Fact]
    public void Nothing_is_allocated_for_a_frame()
    {
        var (sink, picture) = (new MemoryStream(1 << 20), new byte[50_000]);
        var writer = new NutWriter(sink);
        var reader = new NutPacketReader(new MemoryStream([.. Write(H264), .. Enumerable.Range(0, 101).SelectMany(_ => Frame(1))]));
        reader.ReadHeader();
        var (written, read) = (Allocated(() => writer.Write(TimeSpan.FromSeconds(1), isKey: true, picture)), Allocated(Read));

        Assert.Equal((0, 0), (written, read));

        void Read() => Assert.True(reader.TryRead(out var head) && reader.TryReadBytes(picture.AsSpan(0, head.Length)));

        long Allocated(Action act)
        {
            act();
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
            {
                sink.Position = 0;
                act();
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void A_time_before_the_beginning_is_the_writers_callers_mistake() => Assert.Throws<ArgumentOutOfRangeException>(
        () => new NutWriter(new MemoryStream()).Write(TimeSpan.FromTicks(-1), isKey: true, []));

    [Fact]
    public void Cut_off_anywhere_it_gives_the_whole_packets_and_ends()
    {
        var nut = Write(H264, [.. Enumerable.Range(0, 5).Select(i => (TimeSpan.FromSeconds(i), i == 0, Noise(new Random(i), 40)))]);
        var whole = ReadAll(nut, out _);

        for (var length = 0; length < nut.Length; length++)
        {
            var read = ReadAll(nut[..length], out _);
            Assert.True(read.Count < whole.Count, $"{read.Count} packets of {length} bytes");
            Assert.All(read.Zip(whole), pair => Assert.Equal(pair.Second.Bytes, pair.First.Bytes));
        }
    }

    [Fact]
    public void Damaged_anywhere_it_ends_or_says_that_it_is_broken()
    {
        var nut = Write(H264, [.. Enumerable.Range(0, 5).Select(i => (TimeSpan.FromSeconds(i), i == 0, Noise(new Random(i), 40)))]);
        var random = new Random(5);
        var broken = 0;
        for (var i = 0; i < 100_000; i++)
        {
            var damaged = (byte[])nut.Clone();
            for (var times = i < nut.Length ? 1 : random.Next(1, 4); times > 0; times--)
            {
                damaged[i < nut.Length ? i : random.Next(nut.Length)] = (byte)random.Next(256);
            }

            try
            {
                Assert.InRange(ReadAll(damaged, out _).Count, 0, nut.Length);
            }
            catch (NutException)
            {
                broken++;
            }
        }

        Assert.InRange(broken, 10_000, 100_000);
    }

    [Fact]
    public void Checksums_are_those_of_the_specification()
    {
        // The check value of CRC-32/CKSUM, 0x765E7680, without that one's final inversion.
        Assert.Equal(0x89A1897FU, NutCrc.Of("123456789"u8));
    }

    private static List<(TimeSpan Time, bool IsKey, byte[] Bytes)> ReadAll(byte[] nut, out NutPacketReader reader)
    {
        reader = new NutPacketReader(new MemoryStream(nut));
        var packets = new List<(TimeSpan, bool, byte[])>();
        if (reader.ReadHeader() is null)
        {
            return packets;
        }

        while (reader.TryRead(out var head))
        {
            if (head.Length > nut.Length)
            {
                break; // a caller asks for memory as it goes; here it would only be slow
            }

            var bytes = new byte[head.Length];
            if (reader.TryReadBytes(bytes))
            {
                packets.Add((head.Presentation, head.IsKey, bytes));
            }
        }

        return packets;
    }

    private static byte[] Write(CodedStream stream, params (TimeSpan Time, bool IsKey, byte[] Bytes)[] packets)
    {
        var all = new MemoryStream();
        var writer = new NutWriter(all);
        writer.WriteHeader(stream);
        foreach (var (time, isKey, bytes) in packets)
        {
            writer.Write(time, isKey, bytes);
        }

        return all.ToArray();
    }

    // What stands between the file's name and its first frame: ffmpeg repeats it now and then.
    private static byte[] Headers(CodedStream stream) => Write(stream)[NutStartCodes.FileId.Length..];

    private static byte[] Frame(int second)
    {
        var all = new MemoryStream();
        new NutWriter(all).Write(TimeSpan.FromSeconds(second), isKey: true, [1, 2, 3]);
        return all.ToArray();
    }

    private static byte[] Noise(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static CodedStream Coded(string fourCc, byte[] extraData) =>
        new(VideoFourCc(fourCc), new FrameSize(320, 180), 0, extraData, (1, 10_000_000));

    private static uint VideoFourCc(string letters) => BitConverter.ToUInt32([.. letters.Select(letter => (byte)letter)]);
}
