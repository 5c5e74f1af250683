using ActionStream.Core.Media;
using ActionStream.Ingest.Packets;
using Microsoft.Extensions.Logging;

namespace ActionStream.Ingest.Recording;

/// <summary>The latest of one camera's stream as it came, in pieces on disk: bounded in time and bytes, over all its connections.</summary>
/// <remarks>A connection's pieces outlive it for as long as they could be needed. Thread-safe.</remarks>
public sealed partial class RecordingBuffer : IPacketKeeper
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly List<BufferedConnection> _connections = [];
    private readonly string _stream;
    private readonly RingSpec _spec;
    private readonly RecordingWriter _writer;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private int _begun;
    private volatile bool _isRefused;
    private volatile bool _isFailing;

    internal RecordingBuffer(string stream, RingSpec spec, RecordingWriter writer, TimeProvider time, ILogger log) =>
        (_stream, _spec, _writer, _time, _log) = (stream, spec, writer, time, log);

    /// <summary>True for a camera whose coding cannot be kept.</summary>
    public bool IsRefused
    {
        get => _isRefused;
        internal set => _isRefused = value;
    }

    /// <summary>What it takes on disk, as last looked.</summary>
    public long Bytes { get; private set; }

    internal RingSpec Spec => _spec;

    internal long Now => _time.GetTimestamp();

    /// <summary>Makes room for a connection; null if there is none, and the camera has to do without.</summary>
    internal BufferedConnection? Begin(int epoch)
    {
        if (_isRefused)
        {
            return null;
        }

        try
        {
            // Numbers of its own: connections of one epoch must not share a folder.
            var number = Interlocked.Increment(ref _begun) - 1;
            var connection = new BufferedConnection(this, _writer, epoch, Path.Combine(_spec.Folder, _stream, $"{number}"));
            Directory.CreateDirectory(connection.Folder);
            lock (_lock)
            {
                _connections.Add(connection);
            }

            return connection;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            Failed(failed);
            return null;
        }
    }

    IPacketSink? IPacketKeeper.Begin(int epoch) => Begin(epoch);

    /// <inheritdoc />
    public void Refuse(string reason)
    {
        if (!_isRefused)
        {
            _isRefused = true;
            LogRefused(_stream, reason);
        }
    }

    /// <summary>False for a coding that recordings have no place for: no other connection will change that.</summary>
    internal bool Takes(CodedStream stream)
    {
        if (!RecordingArguments.Carries(stream))
        {
            Refuse($"MP4 has no place for {RecordingArguments.LettersOf(stream.FourCc)}");
        }

        return !_isRefused;
    }

    /// <summary>A piece is there.</summary>
    internal void Kept(Action add)
    {
        _isFailing = false;
        lock (_lock)
        {
            add();
        }
    }

    /// <summary>Says once what keeps pieces from being written, until one is.</summary>
    /// <returns>True for what nobody foresaw: then nothing is tried again.</returns>
    internal bool Failed(Exception failed)
    {
        if (failed is not (IOException or UnauthorizedAccessException))
        {
            LogUnforeseen(failed, _stream);
            return true;
        }

        if (!_isFailing)
        {
            _isFailing = true;
            LogFailing(_stream, failed.Message);
        }

        return false;
    }

    internal bool IsRetryDue(long failedAt) => _time.GetElapsedTime(failedAt) >= RetryAfter;

    internal void Ends(BufferedConnection connection)
    {
        lock (_lock)
        {
            (connection.IsOver, connection.OverAt) = (true, Now);
            Try(() =>
            {
                if ((_isRefused || connection.Pieces.Count == 0) && !connection.IsInUse)
                {
                    _connections.Remove(connection);
                    connection.Remove();
                }
            });
        }
    }

    /// <summary>Removes what is too old and too much.</summary>
    internal void Tend()
    {
        lock (_lock)
        {
            Try(() =>
            {
                foreach (var connection in _connections.ToArray())
                {
                    if (connection.OverAt is { } over && _time.GetElapsedTime(over) > _spec.Keep && !connection.IsInUse)
                    {
                        _connections.Remove(connection);
                        connection.Remove();
                        continue;
                    }

                    connection.RemoveOutdated(_spec.Keep);
                }

                Fit();
            });
        }
    }

    internal bool IsComplete(int epoch, TimeSpan to)
    {
        lock (_lock)
        {
            return _connections.FindLast(one => one.Epoch == epoch) is not { IsOver: false } connection
                || (connection.Pieces is [.., var last] && last.End >= to);
        }
    }

    /// <summary>The pieces of a span and where they lie; they stay there until it is disposed.</summary>
    internal PiecesInUse Find(RecordingSpan span)
    {
        lock (_lock)
        {
            if (_connections.FindLast(one => one.Epoch == span.Epoch) is not { } connection)
            {
                return PiecesInUse.None;
            }

            var pieces = SegmentList.Choose(connection.Pieces, span.From, span.To);
            connection.Use(pieces);
            return new(connection.Folder, pieces, () => Release(connection, pieces));
        }
    }

    private void Release(BufferedConnection connection, IReadOnlyList<Segment> pieces)
    {
        lock (_lock)
        {
            connection.Unuse(pieces);
        }
    }

    // The piece that is being written has a bound of its own.
    private void Fit()
    {
        var bytes = _connections.Sum(connection => connection.Bytes);
        foreach (var (connection, piece) in _connections.SelectMany(one => one.Pieces.Select(piece => (one, piece))).ToArray())
        {
            if (bytes <= _spec.Bytes)
            {
                break;
            }

            if (!connection.Uses(piece)) // for a moment longer
            {
                connection.Remove(piece);
                bytes -= piece.Bytes;
            }
        }

        Bytes = bytes;
    }

    private void Try(Action work)
    {
        try
        {
            work();
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            Failed(failed);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Stream}: its stream cannot be copied, so its events have no clips ({Reason})")]
    private partial void LogRefused(string stream, string reason);

    [LoggerMessage(LogLevel.Warning, "{Stream}: its stream is not kept, and event clips are missing until the disk takes it: {Reason}")]
    private partial void LogFailing(string stream, string reason);

    [LoggerMessage(LogLevel.Error, "{Stream}: its stream is not kept until its next connection; please report it")]
    private partial void LogUnforeseen(Exception broken, string stream);
}
