using ActionStream.Core.Retrying;

namespace ActionStream.Unit.Core.Retrying;

public sealed class LastSaidTests
{
    [Fact]
    public void The_same_is_news_once_and_again_after_something_else_or_after_all_was_well()
    {
        var last = new LastSaid<string>();
        Assert.Equal([true, false, true, true, false], new[] { "away", "away", "refused", "away", "away" }.Select(last.IsNews));
        last.Forget();
        Assert.True(last.IsNews("away"));
    }

    [Fact]
    public void The_first_value_of_an_enumeration_is_news_too()
    {
        var last = new LastSaid<DayOfWeek>();
        Assert.Equal([true, false], new[] { default(DayOfWeek), default }.Select(last.IsNews));
    }
}
