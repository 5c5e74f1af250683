using ActionStream.Ingest.Packets;

namespace ActionStream.Unit.Ingest.Packets;

public sealed class PacketRingTests
{
    [Fact]
    public void It_begins_with_the_last_start_that_lies_as_far_back_as_it_reaches()
    {
        using var ring = new PacketRing(Seconds(3), long.MaxValue);
        for (var i = 0; i < 100; i++)
        {
            Add(ring, i / 10d, isStart: i % 10 == 0);
            var newest = i / 10d;
            var oldest = ring.StartBefore(TimeSpan.MinValue)!.Value;
            Assert.Equal(ring.Oldest, oldest.Number);
            Assert.True(oldest.At <= Seconds(newest - 3) || oldest.Number == 0, $"{oldest} at {newest}");
            Assert.True(oldest.At > Seconds(newest - 4 - 1e-6), $"{oldest} at {newest}: older than need be");
        }

        Assert.Equal(100, ring.Next);
    }

    [Theory]
    [InlineData(-5, 0)]
    [InlineData(0.9, 0)]
    [InlineData(1, 10)]
    [InlineData(1.95, 10)]
    [InlineData(2, 20)]
    [InlineData(99, 20)]
    public void A_place_is_found_by_the_start_before_it_or_else_by_the_oldest(double place, long expected)
    {
        using var ring = new PacketRing(Seconds(10), long.MaxValue);
        for (var i = 0; i < 30; i++)
        {
            Add(ring, i / 10d, isStart: i % 10 == 0);
        }

        Assert.Equal((expected, Seconds(expected / 10d)), ring.StartBefore(Seconds(place)));
        Assert.Equal(20, ring.NewestStart());
    }

    [Fact]
    public void Without_a_start_there_is_none()
    {
        using var ring = new PacketRing(Seconds(10), long.MaxValue);
        Add(ring, 0, isStart: false);

        Assert.Null(ring.StartBefore(Seconds(1)));
        Assert.Null(ring.NewestStart());
    }

    [Fact]
    public void Its_bytes_are_bounded_whatever_it_should_reach_and_whatever_comes()
    {
        var random = new Random(1);
        using var ring = new PacketRing(Seconds(1000), 5000);
        var held = new Queue<Packet>();
        for (var i = 0; i < 5000; i++)
        {
            var packet = new Packet(random.Next(1, 900)) { Presentation = Seconds(i / 25d) };
            held.Enqueue(packet);
            ring.Add(packet, random.Next(40) == 0);
            while (held.Count > ring.Next - ring.Oldest)
            {
                AssertGone(held.Dequeue());
            }

            Assert.InRange(ring.Bytes, 1, 5000);
            Assert.Equal(held.Sum(one => (long)one.Length), ring.Bytes);
            Assert.True(ring.StartBefore(TimeSpan.MinValue) is not { } start || (start.Number >= ring.Oldest && start.Number < ring.Next));
        }
    }

    [Fact]
    public void One_packet_is_held_however_large_it_is()
    {
        using var ring = new PacketRing(Seconds(1), 10);
        Add(ring, 0, isStart: true);
        Add(ring, 1, isStart: true, bytes: 1000);

        Assert.Equal((1, 2, 1000), (ring.Oldest, ring.Next, ring.Bytes));
    }

    [Fact]
    public void It_grows_and_every_packet_keeps_its_number()
    {
        using var ring = new PacketRing(Seconds(100), long.MaxValue);
        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal(i, Add(ring, i / 10d, isStart: i % 50 == 0));
        }

        for (var i = 0; i < 1000; i++)
        {
            using var packet = ring.Share(i);
            Assert.Equal(Seconds(i / 10d), packet?.Presentation);
        }

        Assert.Null(ring.Share(1000));
        Assert.Null(ring.Share(-1));
    }

    [Fact]
    public void A_share_outlives_the_ring()
    {
        var ring = new PacketRing(Seconds(1), long.MaxValue);
        var number = Add(ring, 0, isStart: true);
        var share = ring.Share(number)!;
        for (var i = 1; i < 10; i++)
        {
            Add(ring, i, isStart: true);
        }

        Assert.Null(ring.Share(number));
        Assert.Equal(100, share.Bytes.Length);
        var last = ring.Share(ring.Next - 1)!;
        ring.Dispose();
        Assert.Equal((100, 0), (last.Bytes.Length, ring.Bytes));
        share.Dispose();
        last.Dispose();
        AssertGone(share);
        AssertGone(last);
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromTicks((long)Math.Round(seconds * 1e7));

    private static long Add(PacketRing ring, double at, bool isStart, int bytes = 100) =>
        ring.Add(new Packet(bytes) { Presentation = Seconds(at), IsKey = isStart }, isStart);

    private static void AssertGone(Packet packet)
    {
        Assert.Throws<ObjectDisposedException>(() => packet.Bytes.Length);
        Assert.Throws<ObjectDisposedException>(packet.Share);
    }
}
