using ActionStream.Publish.Events.Zones;

namespace ActionStream.Unit.Publish.Events.Zones;

public sealed class PolygonTests
{
    private static readonly (double X, double Y)[] Whole = [(0, 0), (1, 0), (1, 1), (0, 1)];
    private static readonly (double X, double Y)[] Triangle = [(0, 0), (1, 0), (0, 1)];
    private static readonly (double X, double Y)[] Comb = [(0, 0), (0.2, 0), (0.2, 0.8), (0.8, 0.8), (0.8, 0), (1, 0), (1, 1), (0, 1)];

    [Fact]
    public void Areas_of_simple_shapes_are_exact_whichever_way_round_they_are_told()
    {
        Assert.Equal(1, Polygon.Area(Whole), 12);
        Assert.Equal(0.5, Polygon.Area(Triangle), 12);
        Assert.Equal(0.5, Polygon.Area([.. Triangle.Reverse()]), 12);
        Assert.Equal(0.52, Polygon.Area(Comb), 12);
    }

    [Theory]
    [InlineData(0, 0, 0.5, 0.5, 0.25)] // all inside
    [InlineData(0.5, 0.5, 1, 1, 0)] // touches the long side in one corner
    [InlineData(0.5, 0, 1, 0.5, 0.125)] // cut in half by it
    [InlineData(0.25, 0.25, 0.75, 0.75, 0.125)]
    [InlineData(-1, -1, 2, 2, 0.5)]
    [InlineData(2, 2, 3, 3, 0)]
    public void What_of_a_rectangle_lies_inside_a_triangle(double left, double top, double right, double bottom, double area) =>
        Assert.Equal(area, Polygon.AreaWithin(Triangle, left, top, right, bottom), 12);

    [Fact]
    public void A_dented_one_may_fall_in_pieces()
    {
        Assert.Equal(0.2, Polygon.AreaWithin(Comb, 0, 0, 1, 0.5), 12); // two teeth
        Assert.Equal(0, Polygon.AreaWithin(Comb, 0.3, 0.1, 0.7, 0.7), 12); // the gap between them
    }

    [Fact]
    public void Corners_in_the_wrong_order_are_found_out()
    {
        Assert.True(Polygon.Crosses([(0, 0), (1, 1), (1, 0), (0, 1)]));
        Assert.True(Polygon.Crosses([(0, 0), (1, 0), (1, 1), (0.5, 0)])); // a corner on an edge
        Assert.False(Polygon.Crosses(Whole));
        Assert.False(Polygon.Crosses(Comb));
        Assert.False(Polygon.Crosses(Triangle));
    }
}
