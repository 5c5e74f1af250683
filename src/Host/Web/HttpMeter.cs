using System.Diagnostics.Metrics;

namespace ActionStream.Host.Web;

/// <summary>Counts who comes, who is turned away and who guesses, so that an attack is seen where everything else is.</summary>
internal sealed class HttpMeter
{
    private readonly Counter<long> _cut;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _logins;
    private int _open;

    public HttpMeter(Meter meter)
    {
        meter.CreateObservableGauge(
            "actionstream.http.connections", () => Volatile.Read(ref _open), "{connection}", "HTTP connections open.");
        _cut = meter.CreateCounter<long>(
            "actionstream.http.connections.cut", "{connection}",
            "Connections cut: silent (no whole request in time) or crowded (idle, and others needed the room).");
        _refused = meter.CreateCounter<long>(
            "actionstream.http.requests.refused", "{request}",
            "Requests answered with 503 because too many of their kind were being answered.");
        _logins = meter.CreateCounter<long>(
            "actionstream.http.logins.failed", "{attempt}",
            "Logins to the live page that failed: wrong, or slowed (not looked at, after too many wrong ones from their address).");
        _refused.Add(0);
        foreach (var reason in (string[])["silent", "crowded"])
        {
            _cut.Add(0, new KeyValuePair<string, object?>("reason", reason));
        }

        foreach (var reason in (string[])["wrong", "slowed"])
        {
            _logins.Add(0, new KeyValuePair<string, object?>("reason", reason));
        }
    }

    public void Opened() => Interlocked.Increment(ref _open);

    public void Closed() => Interlocked.Decrement(ref _open);

    public void CutSilent() => _cut.Add(1, new KeyValuePair<string, object?>("reason", "silent"));

    public void CutCrowded() => _cut.Add(1, new KeyValuePair<string, object?>("reason", "crowded"));

    public void Refused() => _refused.Add(1);

    public void WrongLogin() => _logins.Add(1, new KeyValuePair<string, object?>("reason", "wrong"));

    public void SlowedLogin() => _logins.Add(1, new KeyValuePair<string, object?>("reason", "slowed"));
}
