using System.Diagnostics.Metrics;

namespace ActionStream.Host.Reload;

/// <summary>Whether what runs is what the file says, and since when.</summary>
internal sealed class ReloadMeter
{
    private readonly TimeProvider _time;
    private double _since;
    private volatile bool _isGood = true;

    public ReloadMeter(Meter meter, TimeProvider time)
    {
        _time = time;
        Succeeded();
        meter.CreateObservableGauge(
            "actionstream.config.last.reload.success", () => _isGood ? 1 : 0, null,
            "1 if the configuration file was good when last read, 0 while the one before it runs on.");
        meter.CreateObservableGauge(
            "actionstream.config.last.reload.timestamp", () => Volatile.Read(ref _since), "s",
            "When a configuration was last taken on, since 1970.");
    }

    public void Succeeded()
    {
        Volatile.Write(ref _since, _time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
        _isGood = true;
    }

    public void Failed() => _isGood = false;
}
