using ActionStream.Ingest.Onvif;
using ActionStream.Ingest.Probing;

namespace ActionStream.Cli.Commands.Cameras;

/// <summary>One stream of a camera, with what it costs here.</summary>
/// <param name="Suits">It is the one to take.</param>
/// <param name="Lacks">Of the one to take: what it has too little of for the model, size or rate; null for nothing.</param>
internal sealed record ListedStream(OnvifProfile Profile, DecodeCost Cost, bool Suits, string? Lacks);

/// <summary>What a camera, or one that does not let us in, is listed as.</summary>
/// <param name="Address">Where it answers ONVIF; without login.</param>
/// <param name="Endpoint">Its own name for itself; null where it was asked alone.</param>
/// <param name="HasEvents">It tells of events, motion among them.</param>
/// <param name="Fault">Why its streams are not listed, in the words of camera status; null where they are.</param>
internal sealed record ListedCamera(
    string Address, string? Endpoint, string? Name, string? Maker, string? Model, bool HasEvents, IReadOnlyList<ListedStream> Streams,
    string? Fault = null, string? Problem = null)
{
    /// <summary>One for each lens or channel.</summary>
    public IEnumerable<ListedStream> Suiting => Streams.Where(stream => stream.Suits);

    /// <summary>As people know it.</summary>
    public string Title => (Name, $"{Maker} {Model}".Trim()) switch
    {
        ({ } name, { Length: > 0 } make) when !make.Equals(name, StringComparison.Ordinal) => $"{name} ({make})",
        ({ } name, _) => name,
        (_, { Length: > 0 } make) => make,
        _ => "a camera",
    };
}
