using ActionStream.Core.Media;
using ActionStream.Ingest.Ffmpeg;
using Microsoft.Extensions.Logging;

namespace ActionStream.Ingest.Recording;

/// <summary>The latest of one camera's stream as it came, in pieces on disk: bounded in time and bytes, over all its connections.</summary>
/// <remarks>A connection's pieces outlive it for as long as they could be needed. Thread-safe.</remarks>
public sealed partial class RecordingBuffer : IStreamCopy
{
    private readonly Lock _lock = new();
    private readonly List<BufferedConnection> _connections = [];
    private readonly string _stream;
    private readonly RingSpec _spec;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private int _begun;
    private volatile bool _isRefused;

    internal RecordingBuffer(string stream, RingSpec spec, TimeProvider time, ILogger log) =>
        (_stream, _spec, _time, _log) = (stream, spec, time, log);

    /// <summary>True for a camera whose coding cannot be kept.</summary>
    public bool IsRefused
    {
        get => _isRefused;
        internal set => _isRefused = value;
    }

    /// <summary>What it takes on disk, as last looked.</summary>
    public long Bytes { get; private set; }

    internal RingSpec Spec => _spec;

    /// <summary>Makes room for a connection; null if there is none, and the camera has to do without.</summary>
    internal BufferedConnection? Begin(int epoch)
    {
        if (_isRefused)
        {
            return null;
        }

        try
        {
            // Numbers of its own: a still before a film, and the film, are of one epoch.
            var number = Interlocked.Increment(ref _begun) - 1;
            var connection = new BufferedConnection(this, epoch, Path.Combine(_spec.Folder, _stream, $"{number}"));
            Directory.CreateDirectory(connection.Folder);
            lock (_lock)
            {
                _connections.Add(connection);
            }

            return connection;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            LogBroken(_stream, failed.Message);
            return null;
        }
    }

    IConnectionCopy? IStreamCopy.Begin(int epoch) => Begin(epoch);

    internal bool Begins(BufferedConnection connection, TimeSpan first, IFfmpegChild run)
    {
        lock (_lock)
        {
            connection.Note(first, run);
            Judge(connection);
            return !_isRefused;
        }
    }

    internal void Ends(BufferedConnection connection)
    {
        lock (_lock)
        {
            Judge(connection);
            connection.Release();
            (connection.IsOver, connection.OverAt) = (true, _time.GetTimestamp());
            Try(() =>
            {
                if ((_isRefused || connection.Listed().Count == 0) && !connection.IsInUse)
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

                    Judge(connection);
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
                || (connection.Listed() is [.., var last] && last.End >= to);
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

            var pieces = SegmentList.Choose(connection.Usable(), span.From, span.To);
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

    private void Judge(BufferedConnection connection)
    {
        if (connection.NewFault() is not { } fault)
        {
            return;
        }

        connection.IsOver = true;
        if (RecordingArguments.IsRefusal(fault))
        {
            _isRefused = true;
            LogRefused(_stream, fault);
        }
        else
        {
            LogBroken(_stream, fault);
        }
    }

    // The newest piece of a camera that sends no key frame may grow indefinitely, and only ffmpeg could close it.
    private void Fit()
    {
        var files = (from connection in _connections
                     from piece in connection.Files()
                     orderby piece.File.LastWriteTimeUtc
                     select (Connection: connection, piece.File, piece.Bytes)).ToList();
        var bytes = files.Sum(piece => piece.Bytes);
        for (var i = 0; i < files.Count && bytes > _spec.Bytes; bytes -= files[i++].Bytes)
        {
            if (files[i].Connection.Uses(files[i].File.Name))
            {
                continue; // for a moment longer
            }

            if (i < files.Count - 1)
            {
                files[i].File.Delete();
            }
            else
            {
                files[i].Connection.Hollow(files[i].File);
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
            LogBroken(_stream, failed.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Stream}: its stream cannot be copied, so its events have no clips ({Reason})")]
    private partial void LogRefused(string stream, string reason);

    [LoggerMessage(LogLevel.Warning, "{Stream}: event clips are out of order until its next connection: {Reason}")]
    private partial void LogBroken(string stream, string reason);
}
