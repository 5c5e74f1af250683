namespace ActionStream.Host.Web;

/// <summary>What an orchestrator asks: is the process alive, and may it be counted on?</summary>
/// <remarks>
/// A camera that cannot be reached or a broker that is down does not make the service unready: it works on what it
/// has and repairs the rest. What it cannot do without, it names here.
/// </remarks>
internal sealed class Health
{
    private volatile string? _fault;
    private volatile string? _configuration;
    private volatile string? _shortage;
    private volatile bool _isReady;
    private volatile Func<string?>? _broker;

    /// <summary>The models are warm and the stages run.</summary>
    public bool IsReady => _isReady && _fault is null && _shortage is null;

    public bool IsLive => _fault is null;

    /// <summary>What is out of order and repairs itself, a line each; empty if all is well.</summary>
    public string Notes =>
        $"{(_broker?.Invoke() is { } fault ? $"broker: {fault}\n" : "")}{(_configuration is { } note ? $"configuration: {note}\n" : "")}";

    public string State => _fault is { } fault ? $"failed: {fault}" : !_isReady ? "starting"
        : _shortage is { } shortage ? $"short: {shortage}" : "ready";

    /// <summary>The file is bad; what ran before runs on.</summary>
    public void ConfigurationFailed(int problems) =>
        _configuration = $"the file has {problems} problem{(problems == 1 ? "" : "s")} (see the log or `check`); the one before it runs on";

    /// <summary>The file was taken on, but for these settings.</summary>
    public void ConfigurationTaken(IReadOnlyCollection<string> waiting) =>
        _configuration = waiting.Count == 0 ? null : $"restart to apply {string.Join(", ", waiting)}";

    /// <param name="shortage">What this machine has no more of, and who waits for it; null once there is enough.</param>
    public void Lacks(string? shortage) => _shortage = shortage;

    /// <param name="broker">What is wrong with the broker at present; null if nothing.</param>
    public void Watch(Func<string?> broker) => _broker = broker;

    public void Ready() => _isReady = true;

    public void Stopping() => _isReady = false;

    public void Failed(Exception reason) => _fault = reason.GetType().Name;
}
