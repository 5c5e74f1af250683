using ActionStream.Core.Results;
using ActionStream.Inference.Serving;

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
    private volatile bool _isModelLost;
    private volatile string? _model;
    private volatile Func<string?>? _broker;
    private volatile Func<string?>? _media;
    private volatile Func<string?>? _history;

    /// <summary>The models are warm and the stages run.</summary>
    public bool IsReady => _isReady && _fault is null && !_isModelLost && _shortage is null;

    public bool IsLive => _fault is null;

    /// <summary>What is out of order and repairs itself, a line each; empty if all is well.</summary>
    public string Notes =>
        string.Concat(Note("model", _model), Note("broker", _broker?.Invoke()), Note("media", _media?.Invoke()),
            Note("history", _history?.Invoke()), Note("configuration", _configuration));

    public string State => _fault is { } fault ? $"failed: {fault}" : !_isReady ? "starting" : _isModelLost ? "no model"
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

    /// <param name="media">Why files of events cannot be kept at present; null if they can, or none are wanted.</param>
    public void WatchMedia(Func<string?> media) => _media = media;

    /// <param name="history">Why nothing can be remembered at present; null if it can, or nothing is to be.</param>
    public void WatchHistory(Func<string?> history) => _history = history;

    /// <summary>Without a model nothing is decided; on the CPU it is, less often.</summary>
    public void ModelIs(ModelStatus status)
    {
        _isModelLost = status.State is ModelState.Lost;
        _model = status.State switch
        {
            ModelState.Lost => $"its runs on {status.Device} fail ({status.Reason}); it is loaded again until they do not",
            ModelState.Fallback => $"runs on {status.Device}, because its device fails ({status.Reason})",
            _ => null,
        };
    }

    public void Ready() => _isReady = true;

    public void Stopping() => _isReady = false;

    public void Failed(Exception reason) => _fault = reason is ModelHungException ? reason.Message : reason.GetType().Name;

    private static string? Note(string about, string? note) => note is null ? null : $"{about}: {note}\n";
}
