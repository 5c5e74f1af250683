using ActionStream.Core.Media;
using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Packets.Pictures;

namespace ActionStream.Unit.Ingest.Packets.Pictures;

/// <summary>Every branch of the headers' syntax leads to the quantiser. That these headers are what the standard means is held against
/// ffmpeg's own parser in tests/EndToEnd.</summary>
public sealed class RandomHeadersTests
{
    [Fact]
    public void Every_header_that_H264_allows_is_read_and_fields_are_not()
    {
        var (read, unread) = (0, 0);
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new RandomH264(seed);
            var reader = PictureReaders.For(new(0x34363248, new FrameSize(320, 240), 0, random.Parameters, (1, 25)))!;
            for (var i = 0; i < 100; i++)
            {
                var (packet, truth) = random.Next();
                var isRead = reader.TryRead(packet, out var picture);
                if (isRead != (truth is not null) || (isRead && picture != truth))
                {
                    Assert.Fail($"{seed}, {i}: {isRead} {picture}, should be {truth}");
                }

                (read, unread) = isRead ? (read + 1, unread) : (read, unread + 1);
            }
        }

        Assert.True(read > 4000 && unread > 100, $"{read} read, {unread} not");
    }

    [Fact]
    public void Every_header_that_H265_allows_is_read()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var random = new RandomH265(seed);
            var reader = PictureReaders.For(new(0x43564548, new FrameSize(416, 240), 0, random.Parameters, (1, 25)))!;
            for (var i = 0; i < 100; i++)
            {
                var (packet, truth) = random.Next();
                if (!reader.TryRead(packet, out var picture) || picture != truth)
                {
                    Assert.Fail($"{seed}, {i}: {picture}, should be {truth}");
                }
            }
        }
    }
}
