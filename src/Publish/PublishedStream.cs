using ActionStream.Core.Modelling;
using ActionStream.Publish.Events;
using ActionStream.Publish.Events.Zones;

namespace ActionStream.Publish;

/// <summary>A camera as the publisher needs to know it.</summary>
/// <param name="Stream">Its key in the configuration; a slug.</param>
/// <param name="Model">The model that looks at it.</param>
public sealed record PublishedStream(string Stream, ModelCard Model, EventOptions Events)
{
    /// <summary>What people call it; made from the key where there is none.</summary>
    public string? Name { get; init; }

    /// <summary>True if somebody publishes its snapshots, so that Home Assistant is told of them.</summary>
    public bool HasSnapshots { get; init; }

    /// <summary>Named parts of its frame, as the model's attention meets them.</summary>
    public IReadOnlyList<Zone> Zones { get; init; } = [];

    /// <summary>Its first connection. Answers of an earlier one belong to the camera as it was before it was changed.</summary>
    public int FirstEpoch { get; init; }

    /// <summary>True if its connection goes on and only what is made of it has changed, so that its status does not begin anew.</summary>
    public bool GoesOn { get; init; }
}
