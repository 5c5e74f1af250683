using ActionStream.Core.Media;
using ActionStream.Publish.Events.Zones;

namespace ActionStream.Unit.Publish.Events.Zones;

public sealed class ZoneTests
{
    [Fact]
    public void Attention_that_is_the_same_everywhere_gives_a_zone_its_area()
    {
        var zone = Zone([[0, 0], [1, 0], [0, 1]]);
        Assert.Equal(0.5, zone.Area, 9);
        Assert.Equal(0.5, zone.ShareOf(Even), 6);
    }

    [Fact]
    public void Cells_that_a_border_cuts_count_in_part()
    {
        // The second row of cells, and of the third the left quarter of its first.
        var zone = Zone([[0, 0.25], [1, 0.25], [1, 0.5], [0.0625, 0.5], [0.0625, 0.75], [0, 0.75]]);
        Assert.Equal(1, zone.ShareOf(At(1, 3)), 6);
        Assert.Equal(0.25, zone.ShareOf(At(2, 0)), 6);
        Assert.Equal(0, zone.ShareOf(At(2, 1)), 6);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Zones_that_part_the_picture_part_its_attention(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            // Around one point, by the corners and one place on each side: eight triangles.
            double[] middle = [random.NextDouble(), random.NextDouble()];
            double[][] round8 = [
                [0, 0], [random.NextDouble(), 0], [1, 0], [1, random.NextDouble()], [1, 1], [random.NextDouble(), 1], [0, 1],
                [0, random.NextDouble()]];
            var (height, width) = (random.Next(1, 15), random.Next(1, 15));
            var map = Enumerable.Range(0, height * width).Select(_ => (float)random.NextDouble()).ToArray();
            var total = map.Sum();
            map = [.. map.Select(value => value / total)];
            var shares = Enumerable.Range(0, 8)
                .Select(i => new Zone($"{i}", new() { Points = [middle, round8[i], round8[(i + 1) % 8]] }, FrameArea.Whole, height, width))
                .Select(zone => zone.ShareOf(map)).ToList();
            Assert.True(Math.Abs(shares.Sum() - 1) < 1e-5, $"{shares.Sum()} of {height} x {width}");
            Assert.All(shares, share => Assert.InRange(share, 0, 1 + 1e-6));
        }
    }

    [Fact]
    public void A_zone_is_drawn_in_the_whole_picture_whatever_part_of_it_the_model_sees()
    {
        // The model sees the right half; the zone is the right third of the picture: of that half two thirds.
        var zone = new Zone("door", new() { Points = [[2 / 3.0, 0], [1, 0], [1, 1], [2 / 3.0, 1]] }, new(0.5, 0, 0.5, 1), 4, 4);
        Assert.Equal(2 / 3.0, zone.Area, 9);
        Assert.Equal(0, zone.ShareOf(At(0, 0)), 6);
        Assert.Equal(2 / 3.0, zone.ShareOf(At(0, 1)), 6);
        Assert.Equal(1, zone.ShareOf(At(0, 2)), 6);

        // Padded above and below by half a picture each: cells there are nobody's.
        var all = new Zone("all", new() { Points = [[0, 0], [1, 0], [1, 1], [0, 1]] }, new(0, -0.5, 1, 2), 4, 4);
        Assert.Equal((0.5, 0.0, 1.0), (all.Area, all.ShareOf(At(0, 0)), all.ShareOf(At(1, 0))));
    }

    [Fact]
    public void How_much_is_enough_follows_from_the_area_unless_it_is_told()
    {
        Assert.Equal(1 / 3.0, Zone([[0, 0], [0.5, 0], [0.5, 0.5], [0, 0.5]]).MinShare, 9);
        Assert.Equal(0.6, Zone([[0, 0], [0.5, 0], [0.5, 1], [0, 1]]).MinShare, 9);
        Assert.Equal(1, Zone([[0, 0], [1, 0], [1, 1], [0, 1]]).MinShare, 9);
        Assert.Equal(0.2, new Zone("a", new() { Points = [[0, 0], [1, 0], [1, 1]], MinShare = 0.2 }, FrameArea.Whole, 4, 4).MinShare);
    }

    private static float[] Even => [.. Enumerable.Repeat(1 / 16f, 16)];

    private static Zone Zone(double[][] points) => new("zone", new() { Points = points }, FrameArea.Whole, 4, 4);

    private static float[] At(int row, int column)
    {
        var map = new float[16];
        map[(row * 4) + column] = 1;
        return map;
    }
}
