using ActionStream.Core.Results;
using ActionStream.Publish.Events;

namespace ActionStream.Publish;

/// <summary>Sees what the publisher decides and publishes, beside the broker: the live page, traces, the demo.</summary>
/// <remarks>Called one after the other, while the publisher waits: be quick, do not throw, do not call it back.</remarks>
public interface IDecisionObserver
{
    /// <summary>Every decision, after the events that it brought.</summary>
    void OnDecision(in Decision decision)
    {
    }

    /// <summary>Every step of every event.</summary>
    void OnEvent(ActionEvent step)
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
