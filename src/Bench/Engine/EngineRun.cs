using ActionStream.Inference;
using Microsoft.Extensions.Logging;

namespace ActionStream.Bench.Engine;

/// <summary>The engine with more windows than it can do.</summary>
internal sealed class EngineRun(LoadedModel model, ILoggerFactory log)
{
    /// <summary>Cameras that share it. Where tokens are kept, each has one window under way at a time.</summary>
    public int Streams { get; init; } = 8;

    /// <summary>Answers that do not count, besides each worker's first: caches fill, or everything is set up.</summary>
    public int Unmeasured { get; init; }

    /// <returns>Windows answered per second.</returns>
    public async Task<double> WindowsPerSecondAsync(TimeSpan time, CancellationToken cancel)
    {
        await using var rig = new EngineRig(model, Streams, sheds: false, TimeSpan.Zero, log, cancel);
        var clock = TimeProvider.System;
        var feeding = FeedAsync(rig);
        var began = 0L;
        var answers = 0L;
        await foreach (var answer in rig.Scores.Reader.ReadAllAsync(cancel))
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

        var elapsed = clock.GetElapsedTime(began);
        await rig.StopAsync();
        await feeding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return answers / elapsed.TotalSeconds;
    }

    private static async Task FeedAsync(EngineRig rig)
    {
        for (var window = 0L; ; window++)
        {
            foreach (var stream in rig.Streams)
            {
                await rig.FeedAsync(stream, window);
            }
        }
    }
}
