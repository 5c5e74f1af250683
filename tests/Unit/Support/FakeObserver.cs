using ActionStream.Core.Results;
using ActionStream.Publish;
using ActionStream.Publish.Events;

namespace ActionStream.Unit.Support;

/// <summary>Calls back for what it sees, so that a test can wait for it.</summary>
internal sealed class FakeObserver(
    Action<Decision>? decided = null, Action<ActionEvent>? stepped = null, Action<StreamStatus>? changed = null,
    Action<string, IReadOnlyDictionary<string, double>>? thresholds = null)
    : IDecisionObserver
{
    public void OnDecision(in Decision decision) => decided?.Invoke(decision);

    public void OnEvent(ActionEvent step) => stepped?.Invoke(step);

    public void OnThresholds(string stream, IReadOnlyDictionary<string, double> enter) => thresholds?.Invoke(stream, enter);

    public void OnStatus(StreamStatus status) => changed?.Invoke(status);
}
