using ActionStream.Core.Configuration;
using ActionStream.Inference.Batching;
using ActionStream.Inference.Configuration;
using ActionStream.Inference.Scheduling;

namespace ActionStream.Unit.Inference.Batching;

public sealed class BatchPolicyTests
{
    private static readonly BatchPolicy Policy = new() { MaxSize = 4, MaxDelay = Ms(30) };

    [Theory]
    [InlineData(0, 0, 0)] // nothing gathered, nothing to wait for
    [InlineData(1, 0, 30)]
    [InlineData(3, 10, 20)]
    [InlineData(3, 30, 0)]
    [InlineData(3, 900, 0)]
    [InlineData(4, 0, 0)]
    public void The_oldest_clip_decides_how_long_to_wait(int gathered, int waitedMs, int patienceMs) =>
        Assert.Equal(Ms(patienceMs), Policy.Patience(gathered, Ms(waitedMs)));

    [Theory]
    [InlineData(1, 900, 1)]
    [InlineData(3, 900, 2)] // three fill up a four: two now and one with the next bring more
    [InlineData(4, 900, 4)]
    [InlineData(9, 900, 4)]
    [InlineData(4, 39, 2)] // four would be late
    [InlineData(4, 5, 1)] // late whatever is done: whoever takes it decides
    public void As_many_go_together_as_bring_the_most_answers_per_second_in_time(int waiting, int slackMs, int size) =>
        Assert.Equal(size, Policy.SizeFor(waiting, new CostCurve([1, 2, 4], [Ms(20), Ms(24), Ms(40)]), Ms(slackMs)));

    [Fact]
    public void Where_batches_gain_nothing_they_do_no_harm()
    {
        var linear = new CostCurve([1, 2, 3, 4], [Ms(20), Ms(40), Ms(60), Ms(80)]);
        Assert.Equal(4, Policy.SizeFor(4, linear, Ms(900)));
        Assert.Equal(1, (Policy with { MaxSize = 1 }).SizeFor(4, linear, Ms(900)));
    }

    [Theory]
    [InlineData(1, "1", "1")]
    [InlineData(6, "1,2,4,6", "1,2,3,4,5,6")]
    [InlineData(8, "1,2,4,8", "1,2,3,4,5,6,7,8")]
    public void A_GPU_prepares_doublings_and_a_CPU_every_size(int maxSize, string gpu, string cpu)
    {
        var policy = Policy with { MaxSize = maxSize };
        Assert.Equal(gpu, string.Join(',', policy.Buckets(isGpu: true)));
        Assert.Equal(cpu, string.Join(',', policy.Buckets(isGpu: false)));
    }

    [Fact]
    public void The_device_chooses_size_and_workers_where_the_user_did_not()
    {
        Assert.Equal((1, 32), (new BatchOptions().PolicyOn(isGpu: false).MaxSize, new BatchOptions().PolicyOn(isGpu: true).MaxSize));
        Assert.Equal((6, 2), (new BatchOptions().WorkersOn(isGpu: false, cores: 6), new BatchOptions().WorkersOn(isGpu: true, cores: 6)));
        Assert.Equal(3, new BatchOptions { Workers = 3 }.WorkersOn(isGpu: true, cores: 6));
    }

    [Fact]
    public void Every_wrong_setting_is_reported()
    {
        var check = new ConfigCheck("a.yaml");
        new InferenceOptions
        {
            Threads = 0,
            DeviceIndex = -1,
            Batch = new() { MaxSize = 65, MaxDelay = Ms(700), Deadline = Ms(500), Workers = -1 },
        }.Check(check);

        Assert.Equal(
            [
                "a.yaml:1: device_index is -1; expected 0 to 63",
                "a.yaml:1: threads is 0; expected 1 to 256 threads",
                "a.yaml:1: batch.max_size is 65; expected 1 to 64 clips, or 0 to choose by device",
                "a.yaml:1: batch.max_delay is 700ms; expected less than the deadline of 500ms",
                "a.yaml:1: batch.workers is -1; expected 1 to 64, or 0 to choose by device",
            ],
            check.Problems.Select(problem => problem.ToString()));
    }

    private static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
