using ActionStream.Core.Results;
using ActionStream.Host.Web;
using ActionStream.Ingest.Sources;
using ActionStream.Publish;

namespace ActionStream.Host.Machine;

/// <summary>Cameras that cannot be opened because of this machine and not of theirs: then the service is not ready, whatever
/// else of it works.</summary>
internal sealed class WaitingCameras(Health health) : IDecisionObserver
{
    private readonly HashSet<string> _waiting = new(StringComparer.Ordinal);

    public void OnStatus(StreamStatus status) => Note(
        status.Stream, status is { State: StreamState.Offline } && status.Reason == SourceFault.HostLimit.Label);

    /// <summary>A camera that is gone waits for nothing.</summary>
    public void Forget(string camera) => Note(camera, isWaiting: false);

    private void Note(string camera, bool isWaiting)
    {
        lock (_waiting)
        {
            if (isWaiting ? _waiting.Add(camera) : _waiting.Remove(camera))
            {
                health.Lacks(_waiting.Count == 0 ? null : "cameras wait for files, processes or memory of this machine: "
                    + string.Join(", ", _waiting.Order(StringComparer.Ordinal)));
            }
        }
    }
}
