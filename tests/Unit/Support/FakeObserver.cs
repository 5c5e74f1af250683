using ActionStream.Core.Results;
using ActionStream.Publish;
using ActionStream.Publish.Events;

namespace ActionStream.Unit.Support;

/// <summary>Calls back for what it sees, so that a test can wait for it.</summary>
internal sealed class FakeObserver(
    Action<Decision>? decided = null, Action<ActionEvent>? stepped = null, Action<StreamStatus>? changed = null)
    : IDecisionObserver
{
    public void OnDecision(in Decision decision) => decided?.Invoke(decision);

    public void OnEvent(ActionEvent step) => stepped?.Invoke(step);

    public void OnStatus(StreamStatus status) => changed?.Invoke(status);
}
