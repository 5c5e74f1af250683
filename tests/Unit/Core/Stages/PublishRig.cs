using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.Publish;
using ActionStream.Publish.Events;
using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Sending;
using ActionStream.Unit.Inference;
using ActionStream.Unit.Publish.Mqtt;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Core.Stages;

/// <summary>The last stage, whose output is the broker. Blocked, somebody who sees its decisions does not return.</summary>
internal sealed class PublishRig : StageRig
{
    private static readonly ModelCard Card = new() { Name = "toy", Labels = ["walk", "fall"] };

    private readonly FakeClock _clock = new();
    private readonly FakeBroker _broker = new();
    private readonly ManualResetEventSlim _gate = new();
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ClipMaker _maker;
    private readonly StageChannel<ClipScores> _scores;
    private readonly MqttLink _link;
    private long _offered;

    public PublishRig(bool blocks)
    {
        _maker = new(_clock);
        var stage = new StageMeter(Meter, "publish");
        _scores = new(new(64, DropPolicy.None), stage);
        _link = new(new MqttOptions { Prefix = "p" }, "edge", Meter, _clock, new Random(1), new LogLines<MqttLink>(), _broker.CreateClient);
        Stage = new PublishStage(
            _scores, [new("front", Card, new())], new("edge", "boot", "0.1.0", "cpu"), _link, stage, Meter, _clock,
            new LogLines<PublishStage>(), [new Observer(this, blocks)]);
    }

    public override IStage Stage { get; }

    public override PixelPool Pool => _maker.Pool;

    public override StageMetrics Metrics { get; } = new(
        "actionstream.stage.items stage=publish", "actionstream.decisions.ignored camera=front",
        "actionstream.stage.duration stage=publish", "actionstream.queue.length stage=publish");

    public override async Task OfferAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await OfferAsync("front");
        }
    }

    // An answer out of order: its counter is the publisher's own, whose name is the reason.
    public override async Task OfferBadAsync()
    {
        _offered = 0;
        await OfferAsync("front");
    }

    public override void EndInput() => _scores.Complete();

    public override Task BlockedAsync() => _reached.Task.WaitAsync(TimeSpan.FromSeconds(20));

    public override void Unblock() => _gate.Set();

    // Told to leave it leaves without a word: the broker sends its will.
    public override Task? OutputEnded(bool isStopped) => isStopped ? null : GoodbyeAsync();

    public override (long In, long Out) Balance() => (
        Counts.Sum("actionstream.stage.items"), Counts.Sum("actionstream.stage.duration") + Counts.Sum("actionstream.stage.dropped"));

    public override async Task CloseAsync()
    {
        await _scores.DisposeAsync();
        _link.Dispose();
    }

    public override ValueTask DisposeAsync()
    {
        _gate.Dispose();
        return base.DisposeAsync();
    }

    private async Task GoodbyeAsync()
    {
        while (await _broker.Heard() != "goodbye")
        {
        }
    }

    private ValueTask OfferAsync(string stream)
    {
        var now = _clock.GetTimestamp();
        var end = TimeSpan.FromMilliseconds(500 * ++_offered);
        return _scores.WriteAsync(
            new(
                stream, _offered, new(0, 0, 0, end - TimeSpan.FromSeconds(2), end, TimeSpan.Zero, now, now), new(16, 0, default),
                [0.9f, 0.1f], "cpu", now, now)
            {
                Clip = _maker.Make(stream),
            },
            CancellationToken.None);
    }

    private sealed class Observer(PublishRig rig, bool blocks) : IDecisionObserver
    {
        public void OnDecision(in Decision decision)
        {
            rig._reached.TrySetResult();
            if (blocks)
            {
                rig._gate.Wait(TimeSpan.FromSeconds(20));
            }
        }
    }
}
