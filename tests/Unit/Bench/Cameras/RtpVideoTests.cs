using System.Buffers.Binary;
using ActionStream.Bench.Cameras;

namespace ActionStream.Unit.Bench.Cameras;

public sealed class RtpVideoTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rtp-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_is_cut_at_its_delimiters_into_pictures_with_their_units()
    {
        var video = CodedVideo.Load(H264());

        Assert.Equal([true, false], video.Pictures.Select(picture => picture.IsKey));
        Assert.Equal([3, 1], video.Pictures.Select(picture => picture.Units.Count));
        Assert.Equal([7, 8], video.Parameters.Select(unit => unit.Span[0] & 0x1F));
        Assert.Equal(3000, video.Pictures[0].Units[2].Length);
    }

    [Fact]
    public void What_does_not_begin_with_a_key_frame_is_no_camera()
    {
        var path = Path.Combine(_folder, "b.h264");
        File.WriteAllBytes(path, [0, 0, 0, 1, 9, 0x10, 0, 0, 1, 0x41, 1, 2]);
        Assert.Throws<InvalidDataException>(() => CodedVideo.Load(path));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Packets_put_together_are_the_units_again(bool isHevc)
    {
        byte[] head = isHevc ? [19 << 1, 1] : [0x65];
        var random = new Random(4);
        byte[][] units = [.. new[] { 5, 1399, 1400, 1401, 1402, 2801, 9000 }.Select(length =>
        {
            var unit = new byte[length];
            random.NextBytes(unit);
            head.CopyTo(unit, 0);
            return unit;
        })];
        var frame = RtpFrame.Of(new([.. units.Select(unit => (ReadOnlyMemory<byte>)unit)], true), isHevc);
        var bytes = new byte[frame.Bytes.Length];

        var next = frame.CopyTo(bytes, 65534, 123456);

        var (together, current, at, markers) = (new List<byte[]>(), new List<byte>(), 0, new List<bool>());
        for (ushort number = 65534; at < bytes.Length; number++)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at + 2));
            var packet = bytes.AsSpan(at + 4, length);
            Assert.True(bytes[at] == '$' && length <= 1500, $"{bytes[at]}, {length}");
            Assert.Equal(number, BinaryPrimitives.ReadUInt16BigEndian(packet[2..]));
            Assert.Equal(123456u, BinaryPrimitives.ReadUInt32BigEndian(packet[4..]));
            markers.Add((packet[1] & 0x80) != 0);
            var payload = packet[12..];
            var isFragment = isHevc ? payload[0] >> 1 == 49 : (payload[0] & 0x1F) == 28;
            if (!isFragment)
            {
                together.Add(payload.ToArray());
            }
            else
            {
                var marks = payload[isHevc ? 2 : 1];
                if ((marks & 0x80) != 0)
                {
                    current = isHevc
                        ? [(byte)((payload[0] & 0x81) | ((marks & 0x3F) << 1)), payload[1]]
                        : [(byte)((payload[0] & 0xE0) | (marks & 0x1F))];
                }

                current.AddRange(payload[(isHevc ? 3 : 2)..]);
                if ((marks & 0x40) != 0)
                {
                    together.Add([.. current]);
                }
            }

            at += 4 + length;
        }

        Assert.Equal(units, together);
        Assert.Equal((ushort)(65534 + markers.Count), next);
        Assert.Equal(markers.Count - 1, markers.IndexOf(true)); // the last of the picture, and no other
    }

    [Fact]
    public void The_description_holds_what_decoding_needs()
    {
        var video = new RtpVideo(CodedVideo.Load(H264()));
        Assert.Contains(
            "a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;profile-level-id=64001F;sprop-parameter-sets=Z2QAHw==,aO4=\r\n",
            video.Description, StringComparison.Ordinal);
        Assert.Equal([0], video.Keys);
    }

    private string H264()
    {
        var path = Path.Combine(_folder, "a.h264");
        byte[] slice = [0x65, .. Enumerable.Repeat((byte)7, 2999)];
        File.WriteAllBytes(
            path,
            [
                0, 0, 0, 1, 9, 0x10, 0, 0, 0, 1, 0x67, 0x64, 0, 0x1F, 0, 0, 0, 1, 0x68, 0xEE, 0, 0, 1, .. slice,
                0, 0, 0, 1, 9, 0x30, 0, 0, 1, 0x41, 1, 2,
            ]);
        return path;
    }
}
