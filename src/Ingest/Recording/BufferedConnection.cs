using ActionStream.Ingest.Ffmpeg;

namespace ActionStream.Ingest.Recording;

/// <summary>One connection's folder of pieces: ffmpeg writes there, we read its list and remove what is old.</summary>
/// <remarks>Not thread-safe; the buffer guards it. Disposing tells that no more will come; the pieces stay
/// until the ring lets go of them.</remarks>
internal sealed class BufferedConnection(RecordingBuffer ring, int epoch, string folder) : IConnectionCopy
{
    private readonly Dictionary<string, long> _holes = new(StringComparer.Ordinal);
    private readonly List<string> _used = [];
    private IFfmpegChild? _run;
    private TimeSpan _first;
    private long _linesSeen;

    public int Epoch => epoch;

    public string Folder => folder;

    /// <inheritdoc />
    public IReadOnlyList<string> Output => RecordingArguments.Copy(folder, ring.Spec);

    /// <summary>Time stamp of its end; null while it stands.</summary>
    public long? OverAt { get; set; }

    /// <summary>True if no piece will be added, though frames may come.</summary>
    public bool IsOver { get; set; }

    /// <inheritdoc />
    public bool Begins(TimeSpan first, IFfmpegChild run) => ring.Begins(this, first, run);

    public void Dispose() => ring.Ends(this);

    public void Note(TimeSpan first, IFfmpegChild run) => (_first, _run) = (first, run);

    /// <summary>What ffmpeg says against keeping it, once; null if nothing new.</summary>
    public string? NewFault()
    {
        if (_run is null || IsOver || _run.LineCount == _linesSeen)
        {
            return null;
        }

        _linesSeen = _run.LineCount;
        return RecordingArguments.KeepingFault(_run.Lines);
    }

    /// <summary>The child is gone, and with it whom to ask.</summary>
    public void Release() => _run = null;

    /// <summary>All whole pieces that are listed, also those that were removed.</summary>
    public IReadOnlyList<Segment> Listed()
    {
        var list = Path.Combine(folder, RingSpec.List);
        return File.Exists(list) ? SegmentList.Read(File.ReadAllText(list), _first) : [];
    }

    /// <summary>The pieces that can be had. On a full disk some are empty.</summary>
    public IEnumerable<Segment> Usable() => Listed().Where(segment =>
        !_holes.ContainsKey(segment.File) && new FileInfo(Path.Combine(folder, segment.File)) is { Exists: true, Length: > 0 });

    public void RemoveOutdated(TimeSpan keep)
    {
        var segments = Listed();
        foreach (var old in segments.Take(SegmentList.Outdated(segments, keep)).Where(old => !Uses(old.File)))
        {
            File.Delete(Path.Combine(folder, old.File));
        }
    }

    /// <summary>A recording is being made of these: they must not go. Each use counts.</summary>
    public void Use(IEnumerable<Segment> pieces) => _used.AddRange(pieces.Select(piece => piece.File));

    public void Unuse(IEnumerable<Segment> pieces)
    {
        foreach (var piece in pieces)
        {
            _used.Remove(piece.File);
        }
    }

    public bool IsInUse => _used.Count > 0;

    public bool Uses(string file) => _used.Contains(file);

    /// <summary>Its pieces with what they take on disk, also the one that is being written.</summary>
    public IEnumerable<(FileInfo File, long Bytes)> Files()
    {
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*.ts"))
        {
            var hole = _holes.GetValueOrDefault(file.Name);
            if (file.Length < hole)
            {
                _holes.Remove(file.Name); // written anew
                hole = 0;
            }

            yield return (file, file.Length - hole);
        }
    }

    /// <summary>Frees what a piece takes while ffmpeg still writes it: it stays as long, and what was written becomes a hole.</summary>
    public void Hollow(FileInfo file)
    {
        _holes[file.Name] = file.Length;
        using var open = new FileStream(file.FullName, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        open.SetLength(0);
        open.SetLength(_holes[file.Name]);
    }

    /// <summary>Removes the folder with what we know in it.</summary>
    public void Remove() => StaleFileCleaner.Remove(folder);
}
