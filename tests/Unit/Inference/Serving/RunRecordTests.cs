using ActionStream.Inference.Scoring;
using ActionStream.Inference.Serving;

namespace ActionStream.Unit.Inference.Serving;

public sealed class RunRecordTests
{
    private readonly RunRecord _record = new();

    [Fact]
    public void A_lost_device_needs_no_second_failure() => Assert.True(_record.Failed(new(ScoringException.DeviceLost, "CUDA failure 999")));

    [Fact]
    public void Runs_that_fail_in_a_row_are_not_the_clips_fault() =>
        Assert.Equal([false, false, false, false, true, true], Enumerable.Range(0, 6).Select(_ => Fails("run_failed")));

    [Fact]
    public void One_that_works_between_starts_the_count_afresh()
    {
        for (var i = 0; i < 20; i++)
        {
            Assert.False(Fails("run_failed"), $"at {i}");
            _record.Succeeded();
        }
    }

    [Fact]
    public void Clips_of_the_wrong_shape_say_nothing_of_the_model() =>
        Assert.DoesNotContain(true, Enumerable.Range(0, 20).Select(_ => Fails(ScoringException.WrongClip)));

    private bool Fails(string reason) => _record.Failed(new(reason, "no"));
}
