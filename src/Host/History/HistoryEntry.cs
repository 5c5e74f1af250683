using ActionStream.Core.Modelling;
using ActionStream.Publish.Events;
using ActionStream.Publish.Mqtt.Messages;

namespace ActionStream.Host.History;

/// <summary>What waits to be written: one of a decision's scores, a step of an event, a near miss. A value, one per decision.</summary>
/// <param name="Model">By which it was decided.</param>
/// <param name="At">The end of the decision's window, in milliseconds of Unix time; of a step, when it was told.</param>
internal readonly record struct HistoryEntry(string Stream, ModelCard Model, long At)
{
    /// <summary>A byte a label; lent, and returned when it is written or dropped.</summary>
    public byte[]? Scores { get; init; }

    /// <summary>True where smoothing began anew.</summary>
    public bool Begins { get; init; }

    public ActionEvent? Step { get; init; }

    public MediaNames? Media { get; init; }

    /// <summary>The threshold in force.</summary>
    public double? Threshold { get; init; }

    public NearMiss? Miss { get; init; }
}
