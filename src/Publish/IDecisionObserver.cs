using ActionStream.Core.Modelling;
using ActionStream.Core.Results;
using ActionStream.Publish.Events;
using ActionStream.Publish.Mqtt.Messages;

namespace ActionStream.Publish;

/// <summary>Sees what the publisher decides and publishes, beside the broker: the live page, traces, the demo.</summary>
/// <remarks>Called one after the other, while the publisher waits: be quick, do not throw, do not call it back.</remarks>
public interface IDecisionObserver
{
    /// <summary>Every decision, after the events that it brought.</summary>
    void OnDecision(in Decision decision)
    {
    }

    /// <summary>Every decision again, before the events that it brought, with all that the model said, before smoothing.</summary>
    /// <param name="scores">Their values belong to another answer afterwards.</param>
    void OnScores(in Decision decision, in ClipScores scores, ModelCard model)
    {
    }

    /// <summary>Every step of every event.</summary>
    void OnEvent(ActionEvent step)
    {
    }

    /// <summary>The same, with what the event's messages call its media; null where none are made.</summary>
    void OnEvent(ActionEvent step, MediaNames? media) => OnEvent(step);

    /// <summary>What almost became an event, when it is certain that it did not.</summary>
    void OnNearMiss(NearMiss miss)
    {
    }

    /// <summary>The thresholds in force of a camera's classes, by label: once it is there, and whenever one changes.</summary>
    void OnThresholds(string stream, IReadOnlyDictionary<string, double> enter)
    {
    }

    /// <summary>Every status of a camera, as its topic shows it.</summary>
    void OnStatus(StreamStatus status)
    {
    }
}
