using ActionStream.Bench.Quiet;

namespace ActionStream.Unit.Bench.Quiet;

/// <summary>Work in several lanes gives the same answer as in one.</summary>
public sealed class LanesTests
{
    [Fact]
    public async Task Results_are_told_in_order_though_the_first_ends_last()
    {
        var others = new CountdownEvent(5);
        var told = new List<int>();
        var results = await Lanes.RunAsync(6, 3, Work, told.Add, CancellationToken.None);

        Assert.Equal([0, 1, 2, 3, 4, 5], told);
        Assert.Equal(told, results);

        async Task<int> Work(int lane, int number)
        {
            await Task.Yield();
            if (number == 0)
            {
                Assert.True(others.Wait(TimeSpan.FromSeconds(30)));
                return 0;
            }

            others.Signal();
            return number;
        }
    }

    [Fact]
    public async Task A_lane_does_one_piece_after_the_other()
    {
        var busy = new int[3];
        await Lanes.RunAsync(30, 3, Work, _ => { }, CancellationToken.None);
        Assert.All(busy, count => Assert.Equal(0, count));

        async Task<int> Work(int lane, int number)
        {
            Assert.Equal(1, Interlocked.Increment(ref busy[lane]));
            await Task.Yield();
            Interlocked.Decrement(ref busy[lane]);
            return number;
        }
    }

    [Fact]
    public async Task Nothing_is_begun_after_a_cancel_but_the_first_and_what_was_begun_is_told()
    {
        using var cancel = new CancellationTokenSource();
        var results = await Lanes.RunAsync(
            100, 1, async (_, number) =>
            {
                if (number == 4)
                {
                    await cancel.CancelAsync();
                }

                return number;
            },
            _ => { }, cancel.Token);

        Assert.Equal([0, 1, 2, 3, 4], results);
        Assert.Equal([0], await Lanes.RunAsync(100, 2, (_, number) => Task.FromResult(number), _ => { }, cancel.Token));
    }

    [Fact]
    public async Task An_error_ends_all_lanes_and_is_thrown()
    {
        var begun = 0;
        await Assert.ThrowsAsync<InvalidDataException>(() => Lanes.RunAsync<int>(
            1000, 2, async (_, number) =>
            {
                Interlocked.Increment(ref begun);
                await Task.Yield();
                return number < 10 ? number : throw new InvalidDataException();
            },
            _ => { }, CancellationToken.None));
        Assert.True(begun < 1000);
    }
}
