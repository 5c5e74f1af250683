using ActionStream.Inference.Batching;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Inference.Batching;

public sealed class BatchCapTests
{
    private readonly FakeClock _time = new();
    private readonly BatchPolicy _full = new() { MaxSize = 32 };

    [Theory]
    [InlineData(32, 16)]
    [InlineData(5, 3)]
    [InlineData(2, 1)]
    [InlineData(1, 1)]
    public void A_batch_that_did_not_fit_halves_the_cap(int failed, int cap)
    {
        var limit = new BatchCap(_full, _time);
        Assert.Equal(cap, limit.Lower(failed));
        Assert.Equal(cap, limit.Policy.MaxSize);
        Assert.Equal(_full.MaxDelay, limit.Policy.MaxDelay);
    }

    [Fact]
    public void A_small_batch_that_fits_no_more_never_raises_the_cap()
    {
        var limit = new BatchCap(_full, _time);
        limit.Lower(4);
        Assert.Equal(2, limit.Lower(32)); // a worker that was slow to fail
    }

    [Fact]
    public void After_a_while_twice_as_many_are_tried_again_up_to_all()
    {
        var limit = new BatchCap(_full, _time);
        limit.Lower(16);
        _time.Advance(BatchCap.TriesAgainAfter - TimeSpan.FromSeconds(1));
        Assert.Equal(8, limit.Policy.MaxSize);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(16, limit.Policy.MaxSize);
        _time.Advance(BatchCap.TriesAgainAfter);
        Assert.Same(_full, limit.Policy);
        _time.Advance(BatchCap.TriesAgainAfter);
        Assert.Same(_full, limit.Policy);
    }
}
