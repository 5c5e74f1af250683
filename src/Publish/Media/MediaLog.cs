using ActionStream.Core.Retrying;
using Microsoft.Extensions.Logging;

namespace ActionStream.Publish.Media;

/// <summary>Says once that files of events cannot be kept, and once that they can again, however many there are.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed partial class MediaLog(string what, TimeProvider time, ILogger log)
{
    private readonly Lock _lock = new();
    private readonly BoundedLog _bound = new(time);
    private readonly LastSaid<string> _lastSaid = new();
    private bool _isFailing;

    /// <param name="of">What could not be kept.</param>
    public void Failed(string of, Exception failed)
    {
        lock (_lock)
        {
            _isFailing = true;
            if (_lastSaid.IsNews($"{failed.GetType()} {failed.HResult}") && _bound.IsDue(out _))
            {
                LogFailed(what, of, failed.Message);
            }
        }
    }

    public void Worked()
    {
        lock (_lock)
        {
            if (_isFailing)
            {
                _isFailing = false;
                _lastSaid.Forget();
                LogMended(what);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "{What} cannot be kept, {Of} and more until it can be: {Problem}. Everything else goes on")]
    private partial void LogFailed(string what, string of, string problem);

    [LoggerMessage(LogLevel.Information, "{What} can be kept again")]
    private partial void LogMended(string what);
}
