using System.Globalization;
using ActionStream.Ingest.Probing;

namespace ActionStream.Unit.Ingest.Probing;

public sealed class PacketLogTests
{
    private readonly PacketLog _log = new();

    public PacketLogTests()
    {
        _log.Add("#software: Lavf59.27.100", TimeSpan.Zero);
        _log.Add("#tb 0: 1/90000", TimeSpan.Zero);
        _log.Add("#dimensions 0: 320x180", TimeSpan.Zero);
    }

    [Fact]
    public void Rates_and_key_frames_are_read_from_the_streams_own_times()
    {
        for (var i = 0; i < 101; i++)
        {
            Add(i * 40, i * 40, isKey: i % 50 == 0, bytes: 1000, arrived: i * 55); // whatever the network does
        }

        Assert.Equal(25, _log.Fps!.Value, 1e-6);
        Assert.Equal(TimeSpan.FromSeconds(2), _log.KeyFrameInterval);
        Assert.Equal(200_000, _log.BitsPerSecond!.Value, 1e-6);
        Assert.False(_log.IsReordered);
    }

    [Fact]
    public void One_key_frame_tells_no_distance_and_nothing_tells_nothing()
    {
        Assert.Null(_log.Fps);
        Assert.Null(_log.KeyFrameInterval);
        Assert.Null(_log.Skew);
        Add(0, 0, isKey: true);
        Add(40, 40, isKey: false);

        Assert.Null(_log.KeyFrameInterval);
        Assert.Equal([true, false], _log.Packets.Select(packet => packet.IsKey));
    }

    [Fact]
    public void Pictures_in_another_order_than_they_are_shown_are_noticed()
    {
        Add(0, 40, isKey: true);
        Add(40, 160, isKey: false);
        Add(80, 80, isKey: false);
        Assert.True(_log.IsReordered);
    }

    [Theory]
    [InlineData(1.0, 0)]
    [InlineData(1.001, 6.7)]
    [InlineData(0.999, -6.7)]
    public void A_clock_that_runs_slow_falls_behind_and_what_the_network_holds_up_does_not_count(double pace, double expectedMs)
    {
        var random = new Random(1);
        for (var i = 0; i < 250; i++)
        {
            var late = i < 20 ? -100 : i % 3 == 0 ? 0 : random.Next(0, 80); // the server's backlog first, then jitter
            Add(i * 40, i * 40, isKey: i % 25 == 0, arrived: (i * 40 * pace) + late);
        }

        Assert.Equal(expectedMs, _log.Skew!.Value.TotalMilliseconds, 1.5);
    }

    [Fact]
    public void Lines_that_are_no_pictures_are_passed_over()
    {
        _log.Add("", TimeSpan.Zero);
        _log.Add("1, 0, 0, 1, 10, 0x00000000", TimeSpan.Zero); // another stream
        _log.Add("0, x, 0, 1, 10, 0x00000000", TimeSpan.Zero);
        Assert.Empty(_log.Packets);
    }

    private void Add(int dtsMs, int ptsMs, bool isKey, int bytes = 500, double arrived = 0) => _log.Add(
        string.Create(
            CultureInfo.InvariantCulture, $"0, {dtsMs * 90,10}, {ptsMs * 90,10}, 3600, {bytes,8}, 0x5d1b3c2a{(isKey ? "" : ", F=0x0")}"),
        TimeSpan.FromMilliseconds(arrived));
}
