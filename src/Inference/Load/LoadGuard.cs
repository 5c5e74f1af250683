using System.Diagnostics.Metrics;
using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.Inference.Scheduling;
using Microsoft.Extensions.Logging;

namespace ActionStream.Inference.Load;

/// <summary>Watches once a second, once the cameras are open, whether the workers keep up, and stretches hops or pauses cameras by their priority while they do not. Every step is told and undone.</summary>
public sealed partial class LoadGuard : IStage
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <summary>While all cameras open at once everything is late, and none of it says what running will cost.</summary>
    private static readonly TimeSpan StartUp = TimeSpan.FromSeconds(15);

    private readonly ClipSchedule _schedule;
    private readonly CapacityPlan _plan;
    private readonly IProgress<StreamLoad> _report;
    private readonly TimeProvider _time;
    private readonly ILogger<LoadGuard> _log;
    private readonly IReadOnlyList<StreamDemand> _demands;
    private readonly IReadOnlyList<IReadOnlyDictionary<Priority, int>> _rungs;
    private readonly LoadPolicy _policy;
    private long _offered;
    private long _late;

    /// <param name="report">Hears of every camera whose stretch changes.</param>
    public LoadGuard(
        ClipSchedule schedule, CapacityPlan plan, IProgress<StreamLoad> report, Meter meter, TimeProvider time, ILogger<LoadGuard> log)
    {
        (_schedule, _plan, _report, _time, _log) = (schedule, plan, report, time, log);
        _demands = schedule.Demands;
        _rungs = Ladder.For([.. _demands.Select(demand => demand.Priority)]);
        _policy = new(_rungs.Count);
        meter.CreateObservableGauge("actionstream.load.rung", () => _policy.Rung, null, "Step of the ladder on which cameras give way; 0 while all run as configured.");
        meter.CreateObservableGauge(
            "actionstream.load.stretch",
            () => _demands.Select(demand => new Measurement<int>(StretchOf(demand), new KeyValuePair<string, object?>("camera", demand.Stream))),
            null, "How many times longer than configured a camera's hop is; 0 while it is paused.");
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        await Task.Delay(StartUp, _time, cancel);
        (_offered, _late) = _schedule.Load;
        using var timer = new PeriodicTimer(Every, _time);
        while (_rungs.Count > 1 && await timer.WaitForNextTickAsync(cancel))
        {
            Look();
        }
    }

    /// <summary>A second has passed.</summary>
    internal void Look()
    {
        var (offered, late) = (_schedule.Load.Offered - _offered, _schedule.Load.Late - _late);
        (_offered, _late) = (_offered + offered, _late + late);
        var before = _policy.Rung;
        if (!_policy.Update(offered, late, _plan.Utilisation(_demands, _rungs[Math.Max(0, before - 1)])))
        {
            return;
        }

        LogRung(_policy.Rung, _rungs.Count - 1, late, offered, string.Join(", ", _rungs[_policy.Rung].Select(pair => Words(pair.Key, pair.Value))));
        foreach (var demand in _demands)
        {
            var stretch = StretchOf(demand);
            if (stretch != _rungs[before][demand.Priority])
            {
                _schedule.Stretch(demand.Stream, stretch);
                _report.Report(new(demand.Stream, stretch));
            }
        }
    }

    private int StretchOf(StreamDemand demand) => _rungs[_policy.Rung][demand.Priority];

    private static string Words(Priority priority, int stretch) =>
        $"{priority.ToString().ToLowerInvariant()} {(stretch switch { 0 => "paused", 1 => "as configured", _ => $"every {stretch}th window" })}";

    [LoggerMessage(LogLevel.Warning, "Load: rung {Rung} of {Rungs} ({Late} of {Offered} windows came too late in the last second): {Cameras}")]
    private partial void LogRung(int rung, int rungs, long late, long offered, string cameras);
}
