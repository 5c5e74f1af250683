namespace ActionStream.Ingest.Recording;

/// <summary>Pieces of which a recording is being made: however old or many they are, they stay until it is.</summary>
/// <param name="pieces">Oldest first; none if there is nothing of the span.</param>
internal sealed class PiecesInUse(string folder, IReadOnlyList<Segment> pieces, Action? release) : IDisposable
{
    private Action? _release = release;

    public static PiecesInUse None { get; } = new("", [], null);

    public string Folder => folder;

    public IReadOnlyList<Segment> Pieces => pieces;

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
