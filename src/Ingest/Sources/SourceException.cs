using ActionStream.Core.Configuration;

namespace ActionStream.Ingest.Sources;

/// <summary>The source broke, and we can say why. The message never holds a password.</summary>
public sealed class SourceException(SourceFault fault, string message, Exception? inner = null)
    : Exception(SafeUri.Scrub(message), inner)
{
    public SourceFault Fault { get; } = fault;

    /// <summary>The last lines ffmpeg wrote, credentials removed.</summary>
    public IReadOnlyList<string> Lines { get; init; } = [];
}
