using System.Diagnostics.Metrics;
using ActionStream.Core.Configuration;
using ActionStream.Core.Media;
using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.Inference;
using ActionStream.Inference.Batching;
using ActionStream.Inference.Configuration;
using ActionStream.Inference.Metrics;
using ActionStream.Inference.Scheduling;
using ActionStream.Inference.Scoring;
using ActionStream.Inference.Serving;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Contracts.Inference;

public sealed class InferenceStageTests(ModelFolderFixture mini, ITestOutputHelper output) : IClassFixture<ModelFolderFixture>
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(2, 4)]
    public async Task Clips_of_several_cameras_come_out_as_scores_in_order_with_all_memory_returned(int workers, int maxSize)
    {
        using var model = Load(new() { Device = DeviceRequest.Cpu, Batch = new() { Workers = workers, MaxSize = maxSize } });
        using var meter = new Meter("actionstream");
        using var pool = new PixelPool();
        var (stageMeter, inference) = (new StageMeter(meter, "inference"), new InferenceMeter(meter, ["front", "yard"]));
        await using var clips = new ClipSchedule(
            new[] { "front", "yard" }.Select(stream => new StreamDemand(stream, 1, TimeSpan.FromMilliseconds(125), TimeSpan.Zero)),
            new(Waiting: 64, Sheds: false), model, stageMeter, inference, TimeProvider.System);
        await using var scores = new StageChannel<ClipScores>(new(64, DropPolicy.None), new StageMeter(meter, "publish"));
        var stage = new InferenceStage(
            new ModelSlot(model, TimeProvider.System), model.Workers, clips, scores, stageMeter, inference,
            TimeProvider.System, NullLogger<InferenceStage>.Instance);

        for (var i = 0; i < 20; i++)
        {
            await clips.WriteAsync(ClipOf(pool, i % 2 == 0 ? "front" : "yard", i), CancellationToken.None);
        }

        clips.Complete();
        await stage.RunAsync(CancellationToken.None);

        var answers = new List<ClipScores>();
        await foreach (var answer in scores.Reader.ReadAllAsync())
        {
            answers.Add(answer);
        }

        Assert.Equal(20, answers.Count);
        foreach (var stream in answers.GroupBy(answer => answer.Stream))
        {
            Assert.Equal(Enumerable.Range(0, 10).Select(window => (long)window), stream.Select(answer => answer.Window));
            Assert.Equal(stream.Select(answer => answer.Time.FirstIndex).Order(), stream.Select(answer => answer.Time.FirstIndex));
        }

        Assert.All(answers, answer => Assert.Equal(1, answer.Values.Sum(), 1e-4));
        Assert.All(answers, answer => Assert.Equal("cpu", answer.Device));
        Assert.Equal(0, pool.InUse);
    }

    [Fact]
    public void A_run_allocates_nothing_on_the_managed_heap()
    {
        using var model = Load(new() { Device = DeviceRequest.Cpu });
        using var pool = new PixelPool();
        using var scorer = model.OpenScorer(model.Policy);
        using var clip = ClipOf(pool, "front", 1);
        Clip[] batch = [clip];
        scorer.Score(batch);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20; i++)
        {
            scorer.Score(batch);
        }

        var perRun = (GC.GetAllocatedBytesForCurrentThread() - before) / 20.0;
        output.WriteLine($"{perRun} bytes per run");
        Assert.True(perRun <= 64, $"{perRun} bytes per run");
    }

    [Fact]
    public void A_clip_of_another_size_is_refused_in_words()
    {
        using var model = Load(new() { Device = DeviceRequest.Cpu });
        using var pool = new PixelPool();
        using var scorer = model.OpenScorer(model.Policy);
        using var clip = new Clip("front", default, default, new FrameSize(112, 112), Frames(pool, new Random(1), 8));

        var error = Assert.Throws<ScoringException>(() => { scorer.Score([clip]); });
        Assert.Equal("wrong_clip", error.Reason);
        Assert.Equal("a clip of front is 8 frames of 112x112; the model takes 16x112x112x3", error.Message);
    }

    private LoadedModel Load(InferenceOptions options) =>
        LoadedModel.Load(
            mini.Folder, mini.Card, new ConfigCheck("card.yaml"), options, TimeProvider.System, NullLogger<LoadedModel>.Instance);

    private static Clip ClipOf(PixelPool pool, string stream, int index)
    {
        var size = new FrameSize(112, 112);
        var now = TimeProvider.System.GetTimestamp();
        return new Clip(
            stream, new ClipTime(0, 0, index, default, default, default, now, now), new ClipQuality(16, 0, default), size,
            Frames(pool, new Random(index), 16));
    }

    private static PixelBlock[] Frames(PixelPool pool, Random random, int count)
    {
        var frames = new PixelBlock[count];
        for (var i = 0; i < count; i++)
        {
            frames[i] = pool.Rent(112 * 112 * 3);
            random.NextBytes(frames[i].Span);
        }

        return frames;
    }
}
