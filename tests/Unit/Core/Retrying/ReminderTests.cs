using ActionStream.Core.Retrying;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Core.Retrying;

public sealed class ReminderTests
{
    private readonly FakeClock _clock = new();

    [Fact]
    public void What_goes_on_is_said_at_once_and_then_ever_more_rarely_up_to_once_an_hour()
    {
        var reminder = new Reminder<string>(_clock);
        var said = new List<double>();
        for (var second = 0; second < 8 * 3600; second += 2)
        {
            if (reminder.IsDue("refused"))
            {
                said.Add(second / 60.0);
            }

            _clock.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.Equal([0, 2, 6, 14, 30, 62, 122, 182], said.Take(8));
    }

    [Fact]
    public void Every_kind_is_new_once_and_again_after_the_trouble_is_over()
    {
        var reminder = new Reminder<string>(_clock);
        Assert.Equal(
            [true, true, false, false], new[] { "unreachable", "refused", "unreachable", "refused" }.Select(reminder.IsDue));
        reminder.Forget();
        Assert.True(reminder.IsDue("refused"));
    }
}
