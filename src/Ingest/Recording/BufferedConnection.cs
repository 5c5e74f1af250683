using ActionStream.Ingest.Packets;

namespace ActionStream.Ingest.Recording;

/// <summary>One connection's folder of pieces: its packets come in here, and are written by another thread.</summary>
/// <remarks>Three sides: the packet reader adds, the recording writer writes, and the buffer, which guards them by its lock, asks for
/// pieces. Disposing tells that no more will come; the pieces stay until the ring lets go of them.</remarks>
internal sealed class BufferedConnection(RecordingBuffer ring, RecordingWriter writer, int epoch, string folder) : IPacketSink
{
    private readonly PieceWriter _file = new(folder, ring.Spec.Bytes);
    private readonly List<Segment> _pieces = [];
    private readonly List<string> _used = [];
    private CodedStream? _stream;
    private long _waiting;
    private bool _hasLost;
    private long? _failedAt;
    private volatile bool _isOver;
    private volatile bool _isFailing;

    public int Epoch => epoch;

    public string Folder => folder;

    /// <summary>Time stamp of its end; null while it stands.</summary>
    public long? OverAt { get; set; }

    /// <summary>True if no piece will be added, though packets may come.</summary>
    public bool IsOver
    {
        get => _isOver || _isFailing;
        set => _isOver = value;
    }

    /// <summary>What its pieces take on disk, also the one that is being written.</summary>
    public long Bytes => _pieces.Sum(piece => piece.Bytes) + _file.OpenBytes;

    /// <summary>All whole pieces that are there, oldest first.</summary>
    public IReadOnlyList<Segment> Pieces => _pieces;

    public bool IsInUse => _used.Count > 0;

    /// <inheritdoc />
    public void Begin(CodedStream stream)
    {
        _isOver = !ring.Takes(stream);
        _stream = stream;
    }

    /// <inheritdoc />
    public void Add(Packet packet)
    {
        if (_isOver || _stream is null)
        {
            return;
        }

        // Behind a gap nothing can be decoded before the next key picture.
        if ((_hasLost && !packet.IsKey) || !writer.TryAdd(this, packet, Volatile.Read(ref _waiting), _hasLost))
        {
            _hasLost = true;
            writer.LeftOut();
            return;
        }

        _hasLost = false;
        Interlocked.Add(ref _waiting, packet.Length);
    }

    public void Dispose() => writer.End(this);

    /// <summary>On the writer's thread.</summary>
    /// <param name="isAfterLoss">Something before it was left out.</param>
    public void Write(Packet packet, bool isAfterLoss)
    {
        Interlocked.Add(ref _waiting, -packet.Length);
        if (_isOver || !MayWrite(packet))
        {
            writer.NotWritten();
            return;
        }

        try
        {
            Keep(isAfterLoss ? _file.End() : null);
            Keep(_file.Write(_stream!, packet));
        }
        catch (Exception failed)
        {
            _file.Abandon();
            writer.NotWritten();
            (_failedAt, _isFailing) = (ring.Now, true);
            _isOver |= ring.Failed(failed);
        }
    }

    /// <summary>On the writer's thread, after the last packet.</summary>
    public void End()
    {
        try
        {
            Keep(_file.End());
        }
        catch (IOException failed)
        {
            ring.Failed(failed);
        }

        _file.Dispose();
        ring.Ends(this);
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

    public bool Uses(Segment piece) => _used.Contains(piece.File);

    public void RemoveOutdated(TimeSpan keep)
    {
        foreach (var old in _pieces.Take(SegmentList.Outdated(_pieces, keep)).Where(old => !Uses(old)).ToArray())
        {
            Remove(old);
        }
    }

    public void Remove(Segment piece)
    {
        File.Delete(Path.Combine(folder, piece.File));
        _pieces.Remove(piece);
    }

    /// <summary>Removes the folder with what we know in it.</summary>
    public void Remove() => StaleFileCleaner.Remove(folder);

    // A disk that took nothing is asked again after a while, and with a key picture.
    private bool MayWrite(Packet packet)
    {
        if (_failedAt is not { } failed)
        {
            return true;
        }

        if (!packet.IsKey || !ring.IsRetryDue(failed))
        {
            return false;
        }

        (_failedAt, _isFailing) = (null, false);
        return true;
    }

    private void Keep(Segment? piece)
    {
        if (piece is { } ended)
        {
            ring.Kept(() => _pieces.Add(ended));
        }
    }
}
