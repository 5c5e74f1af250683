using ActionStream.Core.Modelling;
using ActionStream.Publish.Rolling;

namespace ActionStream.Publish;

/// <summary>A camera as the publisher needs to know it.</summary>
/// <param name="Stream">Its key in the configuration; a slug.</param>
/// <param name="Model">The model that looks at it.</param>
public sealed record PublishedStream(string Stream, ModelCard Model, EventOptions Events)
{
    /// <summary>What people call it; made from the key where there is none.</summary>
    public string? Name { get; init; }

    /// <summary>True if somebody publishes its pictures, so that they are worth announcing.</summary>
    public bool HasPictures { get; init; }
}
