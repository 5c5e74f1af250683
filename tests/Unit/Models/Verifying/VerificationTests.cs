using ActionStream.Models.Verifying;

namespace ActionStream.Unit.Models.Verifying;

public sealed class VerificationTests
{
    [Fact]
    public void A_difference_is_a_share_of_the_largest_expected_number()
    {
        var difference = Difference.Between([1, 2.5f, -4], [1, 2, -4], tolerance: 0.1, atLeastOne: false);

        Assert.Equal((0.5, 0.125, false), (difference.MaxAbs, difference.MaxRel, difference.IsGood));
        Assert.True(Difference.Between([1, 2.5f, -4], [1, 2, -4], tolerance: 0.125, atLeastOne: false).IsGood);
    }

    [Fact]
    public void Small_numbers_count_as_one_only_where_that_is_agreed()
    {
        Assert.False(Difference.Between([0.01f], [0.02f], tolerance: 0.1, atLeastOne: false).IsGood);
        Assert.True(Difference.Between([0.01f], [0.02f], tolerance: 0.1, atLeastOne: true).IsGood);
        Assert.False(Difference.Between([1e-9f], [0], tolerance: 0.1, atLeastOne: false).IsGood);
        Assert.True(Difference.Between([0], [0], tolerance: 0.1, atLeastOne: false).IsGood);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void What_is_no_number_is_never_good(float actual) =>
        Assert.False(Difference.Between([1, actual, 1], [1, 1, 1], tolerance: 1, atLeastOne: true).IsGood);

    [Fact]
    public void Choices_are_compared_row_by_row_in_any_order()
    {
        Assert.True(Difference.OfChoices([3, 1, 5, 2], [1, 3, 2, 5], perRow: 2).IsGood);
        Assert.Equal(0.25, Difference.OfChoices([3, 1, 5, 4], [1, 3, 2, 5], perRow: 2).MaxRel);
        Assert.False(Difference.OfChoices([1, 2, 3, 5], [1, 3, 2, 5], perRow: 2).IsGood);
    }
}
