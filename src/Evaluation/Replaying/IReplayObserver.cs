using ActionStream.Core.Results;
using ActionStream.Publish.Events;

namespace ActionStream.Evaluation.Replaying;

/// <summary>Sees what a replay finds, in the order of the recording.</summary>
internal interface IReplayObserver
{
    /// <param name="scores">Of this window alone, before smoothing.</param>
    void Decided(ClipScores scores, Decision decision);

    void OnEvent(ActionEvent step);
}
