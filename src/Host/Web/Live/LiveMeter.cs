using System.Diagnostics.Metrics;

namespace ActionStream.Host.Web.Live;

/// <summary>What looking costs: who looks, and how many frames were made for it.</summary>
internal sealed class LiveMeter
{
    private readonly Counter<long> _snapshots;
    private readonly Counter<long> _cut;
    private int _clients;

    public LiveMeter(Meter meter)
    {
        meter.CreateObservableGauge("actionstream.live.clients", () => Clients, "{client}", "Browsers on the live page.");
        _snapshots = meter.CreateCounter<long>("actionstream.live.frames", "{frame}", "Frames encoded because somebody looked.");
        Skipped = meter.CreateCounter<long>("actionstream.live.frames.skipped", "{frame}", "Frames that a slow browser did not get.");
        _cut = meter.CreateCounter<long>(
            "actionstream.live.clients.cut", "{client}", "Browsers too slow to follow, cut off so that they start anew.");
        _snapshots.Add(0);
        Skipped.Add(0);
        _cut.Add(0);
    }

    public int Clients => Volatile.Read(ref _clients);

    public Counter<long> Skipped { get; }

    public void Encoded() => _snapshots.Add(1);

    public void Came() => Interlocked.Increment(ref _clients);

    public void Left() => Interlocked.Decrement(ref _clients);

    public void Cut() => _cut.Add(1);
}
