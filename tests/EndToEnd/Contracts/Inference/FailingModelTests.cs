using System.Diagnostics.Metrics;
using ActionStream.Core.Configuration;
using ActionStream.Core.Media;
using ActionStream.Core.Results;
using ActionStream.Core.Retrying;
using ActionStream.Core.Stages;
using ActionStream.EndToEnd.Support;
using ActionStream.Host.Configuration;
using ActionStream.Inference;
using ActionStream.Inference.Configuration;
using ActionStream.Inference.Metrics;
using ActionStream.Inference.Scheduling;
using ActionStream.Inference.Scoring;
using ActionStream.Inference.Serving;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Contracts.Inference;

/// <summary>Real sessions that run out of memory, throw for good, never return, and are exchanged while they run.</summary>
public sealed class FailingModelTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_real_batch_that_does_not_fit_goes_in_halves_and_no_window_is_lost()
    {
        using var model = Load(OddModel.NeedsMemory(fits: 4), new() { MaxSize = 4, Workers = 1 });
        await using var rig = new Rig(model, new() { MaxSize = 16 });
        for (var i = 0; i < 24; i++)
        {
            await rig.WriteAsync("front", i, 10);
        }

        rig.Clips.Complete();
        await rig.RunAsync();

        Assert.Equal(Enumerable.Range(0, 24).Select(window => (long)window), rig.Answers.Select(answer => answer.Window));
        Assert.InRange(rig.Slot.Policy.MaxSize, 1, 4);
        Assert.Equal(0, rig.Pool.InUse);
    }

    [Fact]
    public void What_ONNX_Runtime_says_when_memory_is_short_is_understood()
    {
        using var model = Load(OddModel.NeedsMemory(fits: 1), new() { MaxSize = 1 });
        using var pool = new PixelPool();
        using var scorer = model.OpenScorer(new() { MaxSize = 2 });
        Clip[] two = [ClipOf(pool, "front", 0, 1), ClipOf(pool, "front", 1, 1)];
        var failed = Assert.Throws<ScoringException>(() => { scorer.Score(two); });
        output.WriteLine(failed.Message);
        Assert.Equal(ScoringException.OutOfMemory, failed.Reason);
        Assert.Equal(2, scorer.Score(two.AsSpan(0, 1)).Length); // and the session is as good as before
        Array.ForEach(two, clip => clip.Dispose());
    }

    [Fact]
    public async Task A_real_run_that_never_returns_ends_when_it_is_asked_to()
    {
        using var model = Load(OddModel.NeverReturns(), new() { Workers = 1 });
        using var pool = new PixelPool();
        using var scorer = model.OpenScorer(model.Policy);
        using var harmless = ClipOf(pool, "front", 0, 200);
        Assert.Equal(2, scorer.Score([harmless]).Length);

        using var endless = ClipOf(pool, "front", 1, 255);
        var running = Task.Factory.StartNew(() => { scorer.Score([endless]); }, TaskCreationOptions.LongRunning);
        await Task.WhenAny(running, Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System));
        Assert.False(running.IsCompleted);
        scorer.Terminate();
        var ended = await Assert.ThrowsAsync<ScoringException>(() => running.WaitAsync(Patience));
        output.WriteLine(ended.Message);
        Assert.Equal("run_failed", ended.Reason);
    }

    [Fact]
    public async Task A_real_model_whose_runs_throw_for_good_is_loaded_again()
    {
        var folder = OddModel.Throws();
        var loads = 0;
        await using var rig = new Rig(Load(folder, new() { Workers = 1 }));
        rig.Recover(() =>
        {
            loads++;
            return Load(folder, new() { Workers = 1 });
        });
        var running = rig.RunAsync();
        for (var i = 0; i < RunRecord.TooMany; i++)
        {
            await rig.WriteAsync("front", i, 255);
        }

        await Until(() => rig.Statuses.Count == 2);
        Assert.Equal(["Lost", "Ready"], rig.Statuses.Select(status => status.State.ToString()));
        Assert.Contains("Gather", rig.Statuses[0].Reason, StringComparison.Ordinal);
        await rig.WriteAsync("front", 100, 10);
        rig.Clips.Complete();
        await running;
        Assert.Equal(100, Assert.Single(rig.Answers).Time.FirstIndex);
        Assert.Equal((1, 0), (loads, rig.Pool.InUse));
    }

    [Fact]
    public async Task Real_models_exchanged_under_load_lose_no_window_and_change_at_one_point_per_stream()
    {
        const int Windows = 3000;
        string[] streams = ["front", "yard", "gate", "dock"];
        string[] names = ["first", "second", "third", "fourth"];
        var folders = names.Select(name => OddModel.Sound(name, [.. Enumerable.Range(0, 2 + names.IndexOf(name)).Select(i => $"{name}_{i}")]))
            .ToArray();
        var batch = new BatchOptions { MaxSize = 4, Workers = 2 };
        await using var rig = new Rig(Load(folders[0], batch), streams: streams);
        var running = rig.RunAsync();
        var feeding = Task.Run(async () =>
        {
            for (var i = 0; i < Windows; i++)
            {
                foreach (var stream in streams)
                {
                    await rig.WriteAsync(stream, i, 100);
                }
            }

            rig.Clips.Complete();
        });
        for (var i = 1; i < names.Length; i++)
        {
            await Until(() => rig.Count > i * Windows / 2);
            var next = Load(folders[i], batch); // beside the one that runs
            await rig.Exchange.PutAsync(next, 2, null, default);
        }

        await feeding;
        await running;
        foreach (var stream in rig.Answers.GroupBy(answer => answer.Stream))
        {
            Assert.Equal(Enumerable.Range(0, Windows).Select(window => (long)window), stream.Select(answer => answer.Window));
            var labels = stream.Select(answer => answer.Values.Length).ToArray(); // each model has one more
            Assert.Equal(labels.Order(), labels);
            Assert.Equal([2, 3, 4, 5], labels.Distinct());
        }

        output.WriteLine($"{rig.Answers.Count} windows in, {rig.Answers.Count} answers out, three exchanges");
        Assert.Equal(streams.Length * Windows, rig.Answers.Count);
        Assert.Equal(0, rig.Pool.InUse);
    }

    private static LoadedModel Load(string folder, BatchOptions batch) => LoadedModel.Load(
        folder, CardFile.Load(folder), new ConfigCheck("card.yaml"), new() { Device = DeviceRequest.Cpu, Batch = batch },
        TimeProvider.System, NullLogger<LoadedModel>.Instance);

    private static Clip ClipOf(PixelPool pool, string stream, int index, byte pixel)
    {
        var size = new FrameSize(OddModel.Side, OddModel.Side);
        var now = TimeProvider.System.GetTimestamp();
        var frames = new PixelBlock[OddModel.Frames];
        for (var i = 0; i < frames.Length; i++)
        {
            frames[i] = pool.Rent(size.Bytes);
            frames[i].Span[..size.Bytes].Fill(pixel);
        }

        return new(stream, new ClipTime(0, 0, index, default, default, default, now, now), new ClipQuality(2, 0, default), size, frames);
    }

    private static async Task Until(Func<bool> isTrue)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!isTrue())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, limit.Token);
        }
    }

    private sealed class Rig : IProgress<ModelStatus>, IAsyncDisposable
    {
        private readonly Meter _meter = new("actionstream");
        private readonly StageChannel<ClipScores> _scores;
        private readonly InferenceStage _stage;
        private readonly CancellationTokenSource _leave = new();
        private Task _recovering = Task.CompletedTask;

        public Rig(LoadedModel model, ActionStream.Inference.Batching.BatchPolicy? policy = null, string[]? streams = null)
        {
            streams ??= ["front"];
            Slot = new(model, TimeProvider.System, policy);
            var (stage, inference) = (new StageMeter(_meter, "inference"), new InferenceMeter(_meter, streams));
            Clips = new(
                streams.Select(stream => new StreamDemand(stream, 1, TimeSpan.FromMilliseconds(125), TimeSpan.Zero)),
                new(Waiting: 32, InFlight: 16, Sheds: false), Slot, stage, inference, TimeProvider.System);
            _scores = new(new(64, DropPolicy.None), new StageMeter(_meter, "publish"));
            Exchange = new(Slot, Clips, _scores);
            _stage = new(
                Slot, model.Workers, Clips, _scores, stage, inference, TimeProvider.System, NullLogger<InferenceStage>.Instance);
        }

        public PixelPool Pool { get; } = new();

        public ModelSlot Slot { get; }

        public ClipSchedule Clips { get; }

        public ModelExchange Exchange { get; }

        public List<ClipScores> Answers { get; } = [];

        public List<ModelStatus> Statuses { get; } = [];

        public int Count => Volatile.Read(ref _count);

        private int _count;

        public ValueTask WriteAsync(string stream, int index, byte pixel) =>
            Clips.WriteAsync(ClipOf(Pool, stream, index, pixel), CancellationToken.None);

        public void Recover(Func<LoadedModel> load) => _recovering = new ModelRecovery(
            Slot, Exchange, new(_ => load(), mayUseCpu: false, workers: 1, TimeProvider.System), this, new ModelMeter(_meter), new Backoff(), new Random(1),
            TimeProvider.System, NullLogger<ModelRecovery>.Instance).RunAsync(_leave.Token);

        public void Report(ModelStatus value) => Statuses.Add(value);

        public async Task RunAsync()
        {
            var running = _stage.RunAsync(_leave.Token);
            await foreach (var answer in _scores.Reader.ReadAllAsync())
            {
                answer.Passed?.Invoke();
                if (answer.Passed is null)
                {
                    Answers.Add(answer);
                    Interlocked.Increment(ref _count);
                }
            }

            await running.WaitAsync(Patience);
        }

        public async ValueTask DisposeAsync()
        {
            await _leave.CancelAsync();
            await _recovering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Clips.DisposeAsync();
            await _scores.DisposeAsync();
            Slot.Dispose();
            Exchange.Dispose();
            Pool.Dispose();
            _meter.Dispose();
            _leave.Dispose();
        }
    }
}
