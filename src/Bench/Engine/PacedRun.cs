using ActionStream.Host;
using ActionStream.Inference;
using Microsoft.Extensions.Logging;

namespace ActionStream.Bench.Engine;

/// <summary>What became of a load that comes in time and does not wait.</summary>
/// <param name="Answered">Share of the windows.</param>
/// <param name="Age">Milliseconds from a window's last frame until its scores are there.</param>
internal sealed record PacedFigures(int Cameras, double OfferedPerS, double Answered, Percentiles Age);

/// <summary>The engine under so many cameras, evenly spread, each with a window every hop: whether it sustains
/// them, and how old answers are.</summary>
internal sealed class PacedRun(LoadedModel model, int cameras, ILoggerFactory log)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2); // as shipped
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(0.5);

    private readonly TimeProvider _clock = TimeProvider.System;
    private readonly List<double> _ages = [];
    private long _first = long.MaxValue;
    private long _heard;

    public async Task<PacedFigures> MeasureAsync(TimeSpan time, CancellationToken cancel)
    {
        await using var rig = new EngineRig(model, cameras, sheds: true, Deadline, log, cancel);
        var listening = ListenAsync(rig);

        // Every camera's first window needs all of its tokens: what starts at once would be an overload of its own.
        foreach (var stream in rig.Streams)
        {
            await rig.FeedAsync(stream, 0);
        }

        await HeardAsync(cameras, cancel);
        var period = EngineRig.Hop * model.Card.Input.Interval;
        var before = Interlocked.Read(ref _heard);
        var (fed, offered) = await FeedAsync(rig, period / cameras, time);
        await HeardAsync(before + fed, cancel);
        await rig.StopAsync();
        await listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return new(
            cameras, Math.Round(offered / time.TotalSeconds, 1), Math.Round((double)_ages.Count / Math.Max(1, offered), 4),
            Percentiles.Of(_ages));
    }

    // What is late by more than the deadline has been given up.
    private async Task HeardAsync(long answers, CancellationToken cancel)
    {
        for (var began = _clock.GetTimestamp(); Interlocked.Read(ref _heard) < answers && _clock.GetElapsedTime(began) < Deadline;)
        {
            await Task.Delay(Tick, cancel);
        }
    }

    /// <returns>Windows, and those of them that count.</returns>
    private async Task<(long Fed, long Counted)> FeedAsync(EngineRig rig, TimeSpan between, TimeSpan time)
    {
        var (began, fed, counted) = (_clock.GetTimestamp(), 0L, 0L);
        while (_clock.GetElapsedTime(began) is var elapsed && elapsed < Settle + time)
        {
            if (elapsed >= Settle && Interlocked.Read(ref _first) == long.MaxValue)
            {
                Interlocked.Exchange(ref _first, _clock.GetTimestamp());
            }

            for (var due = (long)(elapsed / between); fed < due; fed++)
            {
                await rig.FeedAsync(rig.Streams[(int)(fed % cameras)], 1 + (fed / cameras));
                counted += _first == long.MaxValue ? 0 : 1;
            }

            await Task.Delay(Tick, rig.Stopping);
        }

        return (fed, counted);
    }

    private async Task ListenAsync(EngineRig rig)
    {
        await foreach (var answer in rig.Scores.Reader.ReadAllAsync(rig.Stopping))
        {
            if (answer.Time.ReadyAt >= Interlocked.Read(ref _first))
            {
                _ages.Add(_clock.GetElapsedTime(answer.Time.ReadyAt, answer.InferredAt).TotalMilliseconds);
            }

            answer.Dispose();
            Interlocked.Increment(ref _heard);
        }
    }
}
