using ActionStream.Core.Media;
using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.Inference;
using ActionStream.Inference.Metrics;
using ActionStream.Inference.Scheduling;
using ActionStream.Inference.Serving;
using ActionStream.Unit.Inference;
using ActionStream.Unit.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.Unit.Core.Stages;

/// <summary>
/// Two workers on one stream, whose answers bring their clips along. Blocked, the first clip is never done, and the answers
/// of the others wait for its.
/// </summary>
internal sealed class InferenceRig : StageRig
{
    private const long Bad = 1000;

    private readonly FakeClock _clock = new();
    private readonly ManualResetEventSlim _gate = new();
    private readonly ClipMaker _maker;
    private readonly FakeModel _model;
    private readonly ClipSchedule _clips;
    private readonly StageChannel<ClipScores> _scores;
    private int _offered;

    public InferenceRig(bool blocks)
    {
        _maker = new(_clock);
        _model = new()
        {
            Logit = clip => clip.Time.FirstIndex == Bad ? float.NaN : 1,
            OnScore = batch =>
            {
                if (blocks && batch[0].Time.FirstIndex == 0)
                {
                    _gate.Wait(TimeSpan.FromSeconds(20));
                }
            },
        };
        var stage = new StageMeter(Meter, "inference", DropReason.InvalidOutput);
        var inference = new InferenceMeter(Meter, ["front"]);
        _clips = new(
            [new("front", 1, TimeSpan.FromMilliseconds(125), TimeSpan.Zero)], new(Waiting: 64, InFlight: 64), _model,
            stage, inference, _clock);
        _scores = new(new(64, DropPolicy.None), new StageMeter(Meter, "publish"));
        Stage = new InferenceStage(
            new ModelSlot(_model, _clock), 2, _clips, _scores, stage, inference, _clock, NullLogger<InferenceStage>.Instance)
        { PassesClips = true };
    }

    public override IStage Stage { get; }

    public override PixelPool Pool => _maker.Pool;

    public override StageMetrics Metrics { get; } = new(
        "actionstream.stage.items stage=inference", "actionstream.stage.dropped stage=inference reason=invalid_output",
        "actionstream.stage.duration stage=inference", "actionstream.queue.length stage=inference");

    public override async Task OfferAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await _clips.WriteAsync(_maker.Make(index: _offered++), CancellationToken.None);
        }
    }

    public override async Task OfferBadAsync() => await _clips.WriteAsync(_maker.Make(index: Bad), CancellationToken.None);

    public override void EndInput() => _clips.Complete();

    public override Task BlockedAsync() => Until(() => Counts.Sum("actionstream.stage.duration") == _offered - 1);

    public override void Unblock() => _gate.Set();

    public override async Task? OutputEnded(bool isStopped)
    {
        while (_scores.Reader.TryRead(out var answer))
        {
            answer.Dispose();
        }

        await _scores.Reader.Completion;
        Assert.Equal(0, _model.Open);
    }

    public override (long In, long Out) Balance() => (
        Counts.Sum("actionstream.stage.items"), Counts.Sum("actionstream.stage.duration") + Counts.Sum("actionstream.stage.dropped"));

    public override async Task CloseAsync()
    {
        await _clips.DisposeAsync();
        await _scores.DisposeAsync();
    }

    public override ValueTask DisposeAsync()
    {
        _gate.Dispose();
        return base.DisposeAsync();
    }
}
