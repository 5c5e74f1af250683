using ActionStream.Core.Modelling;
using ActionStream.Publish.Rolling;

namespace ActionStream.Publish;

/// <summary>A camera as the publisher needs to know it.</summary>
/// <param name="Stream">Its key in the configuration; a slug.</param>
/// <param name="Model">The model that looks at it.</param>
public sealed record PublishedStream(string Stream, ModelCard Model, EventOptions Events);
