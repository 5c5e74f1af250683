using System.Collections.Concurrent;
using ActionStream.Core.Media;
using ActionStream.Core.Retrying;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Sources;
using Microsoft.Extensions.Logging;

namespace ActionStream.Ingest.Recording;

/// <summary>The kept recording of all cameras, and who makes recordings of it.</summary>
public sealed partial class RecordingBuffers : IRecordingBuffer, IDisposable
{
    private static readonly TimeSpan TendEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, RecordingBuffer> _rings = new(StringComparer.Ordinal);
    private readonly RingSpec _spec;
    private readonly FfmpegEnvironment _ffmpeg;
    private readonly ILogger _log;
    private readonly RecordingWriter _writer = new();
    private readonly LastSaid<string> _traced = new();

    /// <exception cref="IOException">The folder cannot be made, or what lies there cannot be removed.</exception>
    public RecordingBuffers(RingSpec spec, FfmpegEnvironment ffmpeg, ILogger<RecordingBuffers> log)
    {
        (_spec, _ffmpeg, _log) = (spec with { Folder = Path.GetFullPath(spec.Folder) }, ffmpeg, log);
        Directory.CreateDirectory(_spec.Folder);
        StaleFileCleaner.All(_spec.Folder);
    }

    /// <summary>What all of them take on disk, as last looked.</summary>
    public long Bytes => _rings.Values.Sum(ring => ring.Bytes);

    /// <summary>Packets that are missing in it: the disk was slower, or took none.</summary>
    public (long Slower, long Failed) LeftOut => (_writer.Unqueued, _writer.Unwritten);

    /// <summary>False for sources that are decoded by the child that reads them, so that we never have their packets.</summary>
    public static bool CanKeep(SourceOptions source) => SourceAddress.TryParse(source.Url, out var address) && address.IsNetwork;

    /// <summary>A camera's ring, the same for all its lives; null for a source that cannot be kept.</summary>
    public RecordingBuffer? For(string stream, SourceOptions source)
    {
        var ring = _rings.GetOrAdd(stream, key => new(key, _spec, _writer, _ffmpeg.Time, _log));
        ring.IsRefused = !CanKeep(source); // what was learnt of its former address no longer counts
        return ring.IsRefused ? null : ring;
    }

    public bool IsKept(string stream) => _rings.TryGetValue(stream, out var ring) && !ring.IsRefused;

    public bool IsComplete(RecordingSpan span) => !_rings.TryGetValue(span.Stream, out var ring) || ring.IsComplete(span.Epoch, span.To);

    public async Task<RecordingResult> JoinAsync(RecordingSpan span, string path, CancellationToken cancel)
    {
        // What the camera sent until now is on its way to the disk; one that hangs has other troubles.
        await _writer.SettleAsync().WaitAsync(SettleTime, _ffmpeg.Time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancel.ThrowIfCancellationRequested();
        using var found = _rings.TryGetValue(span.Stream, out var ring) ? ring.Find(span) : PiecesInUse.None;
        var covered = SegmentList.Covers(found.Pieces, span.From, span.To);
        if (covered is RecordingResult.Missing)
        {
            return covered;
        }

        try
        {
            var (tool, _) = _ffmpeg.Ffmpeg();
            var fault = await RecordingJoin.RunAsync(
                tool, [.. found.Pieces.Select(piece => Path.Combine(found.Folder, piece.File))], RecordingArguments.Join(path),
                _ffmpeg.Time, cancel);
            if (fault is not null)
            {
                LogNotJoined(span.Stream, fault);
            }

            return fault is null ? covered : RecordingResult.Failed;
        }
        catch (SourceException missing)
        {
            LogNotJoined(span.Stream, missing.Message);
            return RecordingResult.Failed;
        }
    }

    /// <summary>Looks after the rings until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(TendEvery, _ffmpeg.Time);
        while (await timer.WaitForNextTickAsync(cancel))
        {
            foreach (var (stream, ring) in _rings)
            {
                try
                {
                    ring.Tend();
                }
                catch (Exception broken)
                {
                    // One camera's trouble that nobody foresaw is not the others'.
                    if (_traced.IsNews($"{stream} {broken.GetType()} {broken.StackTrace}"))
                    {
                        LogUnforeseen(broken, stream);
                    }
                }
            }
        }
    }

    /// <summary>Nobody will ask any more.</summary>
    public void Dispose()
    {
        _writer.Dispose();
        try
        {
            StaleFileCleaner.All(_spec.Folder);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            LogNotSwept(failed.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Stream}: an event's recording could not be joined: {Reason}")]
    private partial void LogNotJoined(string stream, string reason);

    [LoggerMessage(LogLevel.Error, "{Stream}: its recording buffer could not be looked after; please report it")]
    private partial void LogUnforeseen(Exception broken, string stream);

    [LoggerMessage(LogLevel.Warning, "What was left in the recording buffer could not be removed, and will be at the next start: {Reason}")]
    private partial void LogNotSwept(string reason);
}
