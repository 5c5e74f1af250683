using System.Diagnostics.Metrics;
using ActionStream.Core.Media;
using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.Inference;
using ActionStream.Inference.Metrics;
using ActionStream.Inference.Scheduling;
using ActionStream.Inference.Serving;
using Microsoft.Extensions.Logging;

namespace ActionStream.Bench.Engine;

/// <summary>The engine put together around a model and running: schedule, batches, workers, ordered answers; no camera
/// before it, no broker behind it.</summary>
internal sealed class EngineRig : IAsyncDisposable
{
    /// <summary>Sampled frames from one decision to the next: one tubelet.</summary>
    public const int Hop = 2;

    private readonly Meter _meter = new("ActionStream");
    private readonly PixelPool _pool = new();
    private readonly NoiseVideo _recording;
    private readonly int _frames;
    private readonly ClipSchedule _clips;
    private readonly CancellationTokenSource _stop;
    private readonly Task _running;

    /// <param name="sheds">What is too much is shed, as live video must be; else the writer waits.</param>
    public EngineRig(LoadedModel model, int streams, bool sheds, TimeSpan deadline, ILoggerFactory log, CancellationToken cancel)
    {
        var input = model.Card.Input;
        _frames = input.Frames;
        _recording = new(_pool, input.Size, 4 * input.Frames);
        Streams = [.. Enumerable.Range(0, streams).Select(i => $"cam{i}")];
        var (stageMeter, inference) = (new StageMeter(_meter, "inference"), new InferenceMeter(_meter, Streams));
        _clips = new ClipSchedule(
            Streams.Select(stream => new StreamDemand(stream, Hop, input.Interval, deadline)),
            new(Waiting: 4, InFlight: model.Costs.KeepsTokens ? 1 : model.Workers, Sheds: sheds), model, stageMeter, inference,
            TimeProvider.System);
        Scores = new(new(64, DropPolicy.None), new StageMeter(_meter, "publish"));
        var stage = new InferenceStage(
            new ModelSlot(model, TimeProvider.System), model.Workers, _clips, Scores, stageMeter, inference, TimeProvider.System,
            log.CreateLogger<InferenceStage>());
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        _running = stage.RunAsync(_stop.Token);
    }

    public IReadOnlyList<string> Streams { get; }

    public StageChannel<ClipScores> Scores { get; }

    public CancellationToken Stopping => _stop.Token;

    /// <summary>Gives a camera's window of that number, as if its last frame came now.</summary>
    public ValueTask FeedAsync(string stream, long window) =>
        _clips.WriteAsync(_recording.Window(stream, 0, Hop * window, _frames, TimeProvider.System.GetTimestamp()), _stop.Token);

    /// <summary>Tells everything to leave, feeders included.</summary>
    public Task StopAsync() => _stop.CancelAsync();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Scores.DisposeAsync();
        await _clips.DisposeAsync();
        _recording.Dispose();
        _pool.Dispose();
        _meter.Dispose();
        _stop.Dispose();
    }
}
