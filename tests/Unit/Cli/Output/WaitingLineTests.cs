using System.Globalization;
using ActionStream.Cli.Output;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Cli.Output;

public sealed class WaitingLineTests
{
    [Fact]
    public async Task On_a_terminal_the_seconds_are_counted_until_the_work_is_done_and_the_line_goes_away()
    {
        var (output, time) = (new StringWriter(CultureInfo.InvariantCulture), new FakeClock());
        var work = new TaskCompletionSource<int>();
        var shown = new WaitingLine(output, isTerminal: true, time).ShowAsync("looking", work.Task);
        Assert.Equal("\rlooking (0 s)", output.ToString());

        time.Advance(TimeSpan.FromSeconds(1));
        while (!output.ToString().Contains("(1 s)", StringComparison.Ordinal))
        {
            await Task.Yield();
        }

        work.SetResult(7);
        Assert.Equal(7, await shown);
        Assert.Equal("\rlooking (0 s)\rlooking (1 s)\r             \r", output.ToString());
    }

    [Fact]
    public async Task Elsewhere_it_is_one_line()
    {
        var output = new StringWriter(CultureInfo.InvariantCulture);
        Assert.Equal(7, await new WaitingLine(output, isTerminal: false, TimeProvider.System).ShowAsync("looking", Task.FromResult(7)));
        Assert.Equal("looking" + Environment.NewLine, output.ToString());
    }

    [Fact]
    public async Task What_the_work_throws_comes_through_and_the_line_goes_away()
    {
        var output = new StringWriter(CultureInfo.InvariantCulture);
        await Assert.ThrowsAsync<TimeoutException>(() => new WaitingLine(output, isTerminal: true, new FakeClock())
            .ShowAsync("looking", Task.FromException<int>(new TimeoutException())));
        Assert.EndsWith("             \r", output.ToString(), StringComparison.Ordinal);
    }
}
