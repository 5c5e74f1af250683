using System.Diagnostics.Metrics;
using ActionStream.Core.Results;
using Microsoft.Extensions.Logging;

namespace ActionStream.Inference.Scheduling;

/// <summary>Watches once a second, once the cameras are open, whether the workers keep up, and lengthens hops or pauses cameras by their
/// priority while they do not. Every step is told and undone.</summary>
public sealed partial class LoadGuard
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <summary>While all cameras open at once everything is late, and none of it says what running will cost.</summary>
    private static readonly TimeSpan StartUp = TimeSpan.FromSeconds(15);

    private readonly ClipSchedule _schedule;
    private readonly IProgress<StreamLoad> _report;
    private readonly TimeProvider _time;
    private readonly ILogger<LoadGuard> _log;
    private Standing _standing;
    private long _offered;
    private long _late;
    private long _quietSince;

    /// <param name="report">Gets every camera whose hop multiplier changes.</param>
    public LoadGuard(
        ClipSchedule schedule, CapacityPlan plan, IProgress<StreamLoad> report, Meter meter, TimeProvider time, ILogger<LoadGuard> log)
    {
        (_schedule, Plan, _report, _time, _log) = (schedule, plan, report, time, log);
        _standing = new(schedule.Demands, 0);
        meter.CreateObservableGauge(
            "actionstream.load.degradation_level", () => _standing.Policy.Level, null,
            "Degradation level: how many steps of load shedding are in force; 0 while all run as configured.");
        meter.CreateObservableGauge(
            "actionstream.load.hop_multiplier",
            () => _standing is var now
                ? now.Demands.Select(
                    demand => new Measurement<int>(now.HopMultiplierOf(demand), new KeyValuePair<string, object?>("camera", demand.Stream)))
                : [],
            null, "How many times longer than configured a camera's hop is; 0 while it is paused.");
    }

    /// <summary>What the workers can do. Another one when another model is there.</summary>
    public CapacityPlan Plan { get; set; }

    public async Task RunAsync(CancellationToken cancel)
    {
        await Task.Delay(StartUp, _time, cancel);
        (_offered, _late) = _schedule.Load;
        using var timer = new PeriodicTimer(Every, _time);
        while (await timer.WaitForNextTickAsync(cancel))
        {
            Look();
        }
    }

    /// <summary>A second has passed.</summary>
    internal void Look()
    {
        var (offered, late) = (_schedule.Load.Offered - _offered, _schedule.Load.Late - _late);
        (_offered, _late) = (_offered + offered, _late + late);
        if (!ReferenceEquals(_schedule.Demands, _standing.Demands))
        {
            Renew();
        }

        var (policy, levels) = (_standing.Policy, _standing.Levels);
        var before = policy.Level;
        if (levels.Count <= 1 || IsQuiet()
            || !policy.Update(offered, late, Plan.Utilisation(_standing.Demands, levels[Math.Max(0, before - 1)])))
        {
            return;
        }

        LogLevelChange(
            policy.Level, levels.Count - 1, late, offered,
            string.Join(", ", levels[policy.Level].Select(pair => Words(pair.Key, pair.Value))));
        foreach (var demand in _standing.Demands)
        {
            if (_standing.HopMultiplierOf(demand) != levels[before][demand.Priority])
            {
                Tell(demand);
            }
        }
    }

    // Cameras came, went or changed. Those that stay keep their degradation level; a stream queue that is new has to be told.
    private void Renew()
    {
        var before = _standing;
        _standing = new(_schedule.Demands, before.Policy.Level);
        _quietSince = _time.GetTimestamp();
        foreach (var demand in _standing.Demands)
        {
            if (_standing.HopMultiplierOf(demand) != 1 || !before.Demands.Contains(demand) || before.HopMultiplierOf(demand) != 1)
            {
                Tell(demand);
            }
        }
    }

    private bool IsQuiet() => _quietSince != 0 && _time.GetElapsedTime(_quietSince) < StartUp;

    private void Tell(StreamDemand demand)
    {
        var hopMultiplier = _standing.HopMultiplierOf(demand);
        _schedule.HopMultiplier(demand.Stream, hopMultiplier);
        _report.Report(new(demand.Stream, hopMultiplier));
    }

    private static string Words(Priority priority, int hopMultiplier) =>
        $"{priority.ToString().ToLowerInvariant()} "
        + $"{(hopMultiplier switch { 0 => "paused", 1 => "as configured", _ => $"every {hopMultiplier}th window" })}";

    [LoggerMessage(
        LogLevel.Warning, "Load: level {Level} of {Levels} ({Late} of {Offered} windows came too late in the last second): {Cameras}")]
    private partial void LogLevelChange(int level, int levels, long late, long offered, string cameras);

    /// <summary>The cameras there are, the degradation levels that fit them, and the one that is in force.</summary>
    private sealed class Standing
    {
        public Standing(IReadOnlyList<StreamDemand> demands, int level)
        {
            Demands = demands;
            Levels = DegradationLevels.For([.. demands.Select(demand => demand.Priority)]);
            Policy = new(Levels.Count, Math.Clamp(level, 0, Math.Max(0, Levels.Count - 1)));
        }

        public IReadOnlyList<StreamDemand> Demands { get; }

        public IReadOnlyList<IReadOnlyDictionary<Priority, int>> Levels { get; }

        public LoadPolicy Policy { get; }

        public int HopMultiplierOf(StreamDemand demand) => Levels[Policy.Level][demand.Priority];
    }
}
