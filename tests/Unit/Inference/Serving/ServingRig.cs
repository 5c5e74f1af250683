using System.Diagnostics.Metrics;
using ActionStream.Core.Results;
using ActionStream.Core.Retrying;
using ActionStream.Core.Stages;
using ActionStream.Inference;
using ActionStream.Inference.Batching;
using ActionStream.Inference.Metrics;
using ActionStream.Inference.Scheduling;
using ActionStream.Inference.Scoring;
using ActionStream.Inference.Serving;
using ActionStream.Unit.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.Unit.Inference.Serving;

/// <summary>Workers on a schedule with a slot whose model may change, and a publisher that takes what comes.</summary>
internal sealed class ServingRig : IProgress<ModelStatus>, IAsyncDisposable
{
    public static readonly string[] Streams = ["front", "yard"];

    private readonly Meter _meter = new("actionstream");
    private readonly StageChannel<ClipScores> _scores;
    private readonly CancellationTokenSource _leave = new();
    private readonly List<Task> _running = [];

    public ServingRig(FakeModel model, int workers = 1, int inFlight = 8, bool sheds = false)
    {
        Counts = new(_meter);
        Clips = new(Time);
        var stage = new StageMeter(_meter, "inference");
        var inference = new InferenceMeter(_meter, Streams);
        Slot = new(model, Time, new BatchPolicy { MaxSize = 4, MaxDelay = TimeSpan.Zero });
        Schedule = new(
            Streams.Select(stream => new StreamDemand(stream, 2, TimeSpan.FromMilliseconds(125), TimeSpan.Zero)),
            new(Waiting: 64, InFlight: inFlight, Sheds: sheds), Slot, stage, inference, Time);
        _scores = new(new(64, DropPolicy.None), new StageMeter(_meter, "publish"));
        Watch = new(workers, TimeSpan.Zero, Slot.Terminate, () => Slot.Model.Device, Time);
        Exchange = new(Slot, Schedule, _scores);
        Stage = new(Slot, workers, Schedule, _scores, stage, inference, Time, NullLogger<InferenceStage>.Instance) { Watch = Watch };
    }

    public FakeClock Time { get; } = new();

    public MeterCounts Counts { get; }

    public ClipMaker Clips { get; }

    public ModelSlot Slot { get; }

    public ClipSchedule Schedule { get; }

    public RunWatch Watch { get; }

    public ModelExchange Exchange { get; }

    public InferenceStage Stage { get; }

    /// <summary>What was answered so far, in order.</summary>
    public List<ClipScores> Answers { get; } = [];

    public List<ModelStatus> Statuses { get; } = [];

    /// <summary>Called with each, before whoever reports it goes on.</summary>
    public Action<ModelStatus> OnReport { get; set; } = _ => { };

    public Task Running { get; private set; } = Task.CompletedTask;

    public void Start()
    {
        Running = Stage.RunAsync(_leave.Token);
        _running.Add(TakeAsync());
    }

    public ModelRecovery Recover(Func<bool, IClipModel> load, bool mayUseCpu = false)
    {
        var recovery = new ModelRecovery(
            Slot, Exchange, new(load, mayUseCpu, 1, Time), this, new ModelMeter(_meter), new Backoff { Spread = 0 }, new Random(1), Time,
            NullLogger<ModelRecovery>.Instance)
        { OnHung = Watch.Declare };
        _running.Add(recovery.RunAsync(_leave.Token));
        return recovery;
    }

    public void Offer(string stream, long index) => Schedule.Offer(Clips.Make(stream, index));

    public int CountOf(string stream)
    {
        lock (Answers)
        {
            return Answers.Count(answer => answer.Stream == stream);
        }
    }

    public void Report(ModelStatus value)
    {
        lock (Statuses)
        {
            Statuses.Add(value);
        }

        OnReport(value);
    }

    /// <summary>Waits for other threads; moves the clock meanwhile, if it is given a step.</summary>
    public async Task Until(Func<bool> isTrue, TimeSpan step = default)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!isTrue())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, limit.Token);
            Time.Advance(step);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Schedule.Complete();
        await _leave.CancelAsync();
        foreach (var running in _running.Append(Running))
        {
            await running.WaitAsync(TimeSpan.FromSeconds(20)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Schedule.DisposeAsync();
        await _scores.DisposeAsync();
        Slot.Dispose();
        Exchange.Dispose();
        _meter.Dispose();
        _leave.Dispose();
    }

    private async Task TakeAsync()
    {
        await foreach (var answer in _scores.Reader.ReadAllAsync())
        {
            answer.Passed?.Invoke();
            lock (Answers)
            {
                Answers.AddRange(answer.Passed is null ? [answer] : []);
            }
        }
    }
}
