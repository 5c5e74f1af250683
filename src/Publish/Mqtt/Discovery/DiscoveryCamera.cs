namespace ActionStream.Publish.Mqtt;

/// <summary>A camera as Home Assistant gets to know it.</summary>
/// <param name="Key">Its key in the configuration; a slug.</param>
/// <param name="Name">What people call it; made from the key where there is none.</param>
/// <param name="Model">Name of the model that looks at it.</param>
/// <param name="HasSnapshots">True if somebody publishes its snapshots.</param>
internal sealed record DiscoveryCamera(string Key, string? Name, string Model, bool HasSnapshots, IReadOnlyList<DiscoveryClass> Classes);
