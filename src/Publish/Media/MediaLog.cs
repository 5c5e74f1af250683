using ActionStream.Core.Retrying;
using Microsoft.Extensions.Logging;

namespace ActionStream.Publish.Media;

/// <summary>Says once that files of events cannot be kept, and once that they can again, however many there are.</summary>
/// <remarks>
/// A disk at its brink may change its mind with every file: of a failure that was not said, its end is not either. Thread-safe.
/// </remarks>
internal sealed partial class MediaLog(string what, TimeProvider time, ILogger log)
{
    /// <summary>In place of a camera, for what is nobody's or everybody's.</summary>
    public const string Any = "";

    private readonly Lock _lock = new();
    private readonly BoundedLog _bound = new(time);
    private readonly LastSaid<string> _lastSaid = new();
    private readonly HashSet<string> _saidOf = new(StringComparer.Ordinal);
    private readonly BoundedLog _removalBound = new(time);
    private readonly LastSaid<string> _lastNotRemoved = new();

    /// <param name="camera">Whose it is: another's success does not end this failure.</param>
    /// <param name="of">What could not be kept.</param>
    public void Failed(string camera, string of, Exception failed)
    {
        lock (_lock)
        {
            // In this order: news that is not due stays news.
            if (_bound.IsDue(out _) && _lastSaid.IsNews($"{failed.GetType()} {failed.HResult}"))
            {
                _saidOf.Add(camera);
                LogFailed(what, of, failed.Message);
            }
        }
    }

    public void Worked(string camera)
    {
        lock (_lock)
        {
            if (_saidOf.Remove(camera) | _saidOf.Remove(Any))
            {
                _lastSaid.Forget();
                LogMended(what);
            }
        }
    }

    /// <summary>Says once why old ones are still there.</summary>
    /// <param name="problem">Null if none are.</param>
    public void OldOnesLeft(string? problem)
    {
        lock (_lock)
        {
            if (problem is null)
            {
                _lastNotRemoved.Forget();
            }
            else if (_removalBound.IsDue(out _) && _lastNotRemoved.IsNews(problem))
            {
                LogNotRemoved(what, problem);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "{What} cannot be kept, {Of} and more until it can be: {Problem}. Everything else goes on")]
    private partial void LogFailed(string what, string of, string problem);

    [LoggerMessage(LogLevel.Information, "{What} can be kept again")]
    private partial void LogMended(string what);

    [LoggerMessage(LogLevel.Warning, "{What} whose time is over cannot be removed, and count for what the folder may hold: {Problem}")]
    private partial void LogNotRemoved(string what, string problem);
}
