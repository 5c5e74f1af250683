namespace ActionStream.Ingest.Onvif;

/// <summary>A camera that answered the call to all.</summary>
/// <param name="Endpoint">Its own name for itself, the same on every interface.</param>
/// <param name="Service">Where it answers ONVIF, at the address that its answer came from.</param>
/// <param name="Name">As its owner or maker calls it; null where it does not say.</param>
public sealed record DiscoveredDevice(string Endpoint, Uri Service, string? Name);
