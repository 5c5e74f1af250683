namespace ActionStream.Host.Http;

/// <summary>What an orchestrator asks: is the process alive, and may it be counted on?</summary>
/// <remarks>
/// A camera that cannot be reached or a broker that is down does not make the service unready: it works on what it
/// has and repairs the rest. What it cannot do without, it names here.
/// </remarks>
internal sealed class Health
{
    private volatile string? _fault;
    private volatile bool _isReady;

    /// <summary>The models are warm and the stages run.</summary>
    public bool IsReady => _isReady && _fault is null;

    public bool IsLive => _fault is null;

    public string State => _fault is { } fault ? $"failed: {fault}" : _isReady ? "ready" : "starting";

    public void Ready() => _isReady = true;

    public void Stopping() => _isReady = false;

    public void Failed(Exception reason) => _fault = reason.GetType().Name;
}
