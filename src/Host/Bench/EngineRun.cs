using System.Diagnostics.Metrics;
using ActionStream.Core.Media;
using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.Inference;
using ActionStream.Inference.Scheduling;
using Microsoft.Extensions.Logging;

namespace ActionStream.Host.Bench;

/// <summary>The engine with more windows than it can do: schedule, batches, workers, ordered answers; no camera before it, no broker behind it.</summary>
internal sealed class EngineRun(LoadedModel model, ILoggerFactory log)
{
    /// <summary>Cameras that share it. Where tokens are kept, each has one window under way at a time.</summary>
    public int Streams { get; init; } = 8;

    /// <summary>Answers that do not count, besides each worker's first: caches fill, or everything is set up.</summary>
    public int Unmeasured { get; init; }

    /// <returns>Windows answered per second.</returns>
    public async Task<double> WindowsPerSecondAsync(TimeSpan time, CancellationToken cancel)
    {
        var input = model.Card.Input;
        using var meter = new Meter("ActionStream");
        using var pool = new PixelPool();
        using var film = new NoiseFilm(pool, input.Size, 4 * input.Frames);
        var clock = TimeProvider.System;
        string[] streams = [.. Enumerable.Range(0, Streams).Select(i => $"cam{i}")];
        var (stageMeter, inference) = (new StageMeter(meter, "inference"), new InferenceMeter(meter, streams));
        var schedule = new ClipSchedule(
            streams.Select(stream => new StreamDemand(stream, 2, input.Interval, TimeSpan.Zero)),
            new(Waiting: 4, InFlight: model.Costs.KeepsTokens ? 1 : model.Workers, Sheds: false), model, stageMeter, inference, clock);
        await using var clips = new StageChannel<Clip>(stageMeter, schedule);
        await using var scores = new StageChannel<ClipScores>(new(64, DropPolicy.None), new StageMeter(meter, "publish"));
        var stage = new InferenceStage(
            model, model.Policy, model.Workers, schedule, scores, stageMeter, inference, clock, log.CreateLogger<InferenceStage>());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var running = stage.RunAsync(stop.Token);
        var feeding = FeedAsync();

        var began = 0L;
        var answers = 0L;
        await foreach (var answer in scores.Reader.ReadAllAsync(cancel))
        {
            answer.Dispose();
            if (began == 0 && answers++ >= model.Workers + Unmeasured) // everything has been set up by now
            {
                (began, answers) = (clock.GetTimestamp(), 0);
            }
            else if (began > 0)
            {
                answers++;
                if (clock.GetElapsedTime(began) >= time)
                {
                    break;
                }
            }
        }

        var took = clock.GetElapsedTime(began);
        await stop.CancelAsync();
        await Task.WhenAll(running, feeding).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return answers / took.TotalSeconds;

        async Task FeedAsync()
        {
            for (var window = 0L; ; window++)
            {
                foreach (var stream in streams)
                {
                    await clips.WriteAsync(film.Window(stream, 0, 2 * window, input.Frames, clock.GetTimestamp()), stop.Token);
                }
            }
        }
    }
}
