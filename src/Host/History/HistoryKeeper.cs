using ActionStream.Core.Retrying;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace ActionStream.Host.History;

/// <summary>Keeps the file through whatever happens to it: a damaged one is set aside, one that cannot be written is tried again, and
/// what belongs to events waits for that meanwhile.</summary>
/// <remarks>Not thread-safe but for <see cref="Bytes"/> and <see cref="Problem"/>.</remarks>
internal sealed partial class HistoryKeeper(HistoryOptions options, HistoryMeter meter, TimeProvider time, ILogger log) : IDisposable
{
    /// <summary>Steps of events that wait until the file can be written again.</summary>
    internal const int MostOwed = 1024;

    internal static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan TrimEvery = TimeSpan.FromMinutes(1);

    private readonly HistoryRetention _retention = new(options.Keep, options.Bytes);
    private readonly Dictionary<string, ScoreBlockBuilder> _blocks = new(StringComparer.Ordinal);
    private readonly Queue<HistoryEntry> _owed = new();
    private readonly LastSaid<string> _said = new();
    private HistoryStore? _store;
    private FileStream? _claim;
    private long _triedAt;
    private long _trimmedAt;
    private bool _hasTried;
    private bool _isSaid;
    private long _bytes;
    private volatile string? _problem;

    public string? Problem => _problem;

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Writes what came since the last call.</summary>
    public void Keep(IReadOnlyList<HistoryEntry> batch)
    {
        if (_store is null && (!_hasTried || time.GetElapsedTime(_triedAt) >= RetryEvery))
        {
            if (!Attempt(Open) && !_hasTried)
            {
                Attempt(Open); // the damaged one is out of the way
            }
        }

        if (_store is null)
        {
            Owe(batch, HistoryDrop.Unavailable);
            return;
        }

        if (!Attempt(() => _store.Whole(() => Write(batch))))
        {
            Owe(batch, HistoryDrop.Failed);
            return;
        }

        Written(batch);
        Mended();
        if (time.GetElapsedTime(_trimmedAt) >= TrimEvery)
        {
            Attempt(Trim);
        }
    }

    /// <summary>Writes what is still being collected, and lets go of the file.</summary>
    public void Dispose()
    {
        if (_store is { } store)
        {
            Attempt(() => store.Whole(() => Array.ForEach([.. _blocks.Keys], WriteBlock)));
            Release();
        }

        meter.Dropped(HistoryDrop.Stopped, _owed.Count);
    }

    private void Open()
    {
        _hasTried = true;
        _triedAt = time.GetTimestamp();
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(options.Path))!);
        try
        {
            // Two services would end each other's events.
            _claim ??= new FileStream(options.Path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(options.Path + ".lock"))
        {
            throw new HistoryException("another service writes it; expected a file for each");
        }

        _store = new(HistoryFile.OpenForWriting(options.Path));
        _store.EndCrashed();
        Trim();
    }

    private void Trim()
    {
        _trimmedAt = time.GetTimestamp();
        if (!File.Exists(options.Path))
        {
            throw new HistoryException("the file was removed; a new one begins");
        }

        var (old, much) = _retention.Apply(_store!, time.GetUtcNow());
        meter.Removed("age", old);
        meter.Removed("bytes", much);
        Interlocked.Exchange(ref _bytes, new FileInfo(options.Path).Length);
    }

    private void Write(IReadOnlyList<HistoryEntry> batch)
    {
        foreach (var owed in _owed)
        {
            WriteStep(owed);
        }

        foreach (var entry in batch)
        {
            if (entry.Scores is { } scores)
            {
                Collect(entry, scores);
            }
            else
            {
                WriteStep(entry);
            }
        }

        // A camera that sleeps brings nothing that would end its block.
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        Array.ForEach([.. _blocks.Where(block => block.Value.IsFull(now)).Select(block => block.Key)], WriteBlock);
    }

    private void Collect(in HistoryEntry entry, byte[] scores)
    {
        var model = _store!.ModelOf(entry.Model);
        if (_blocks.TryGetValue(entry.Stream, out var block) && (block.Model != model || block.IsFull(entry.At)))
        {
            WriteBlock(entry.Stream);
            block = null;
        }

        if (block is null)
        {
            _blocks[entry.Stream] = block = new(model, entry.Model.Labels.Count);
        }

        block.Add(entry.At, entry.Begins, scores);
    }

    private void WriteStep(in HistoryEntry entry)
    {
        if (entry.Miss is { } miss)
        {
            _store!.Write(miss, entry.Model);
        }
        else if (entry.Step is { } step)
        {
            _store!.Write(step, entry.Media, entry.Model, entry.Threshold, entry.At);
            if (step.End is not null)
            {
                WriteBlock(entry.Stream); // whoever looks at the event wants its scores
            }
        }
    }

    private void WriteBlock(string stream)
    {
        if (_blocks.Remove(stream, out var block))
        {
            _store!.Write(stream, block);
        }
    }

    private void Written(IReadOnlyList<HistoryEntry> batch)
    {
        meter.Written("scores", batch.Count(entry => entry.Scores is not null));
        meter.Written("near_miss", batch.Concat(_owed).Count(entry => entry.Miss is not null));
        meter.Written("event", batch.Concat(_owed).Count(entry => entry.Step is { End: not null }));
        _owed.Clear();
    }

    // Scores of half a minute are no great loss; an event is.
    private void Owe(IReadOnlyList<HistoryEntry> batch, string reason)
    {
        meter.Dropped(reason, batch.Count(entry => entry.Scores is not null));
        foreach (var entry in batch.Where(entry => entry.Scores is null))
        {
            if (_owed.Count == MostOwed)
            {
                _owed.Dequeue();
                meter.Dropped(reason);
            }

            _owed.Enqueue(entry);
        }
    }

    /// <returns>False if it failed; then the file is closed, and said to be.</returns>
    private bool Attempt(Action work)
    {
        try
        {
            work();
            return true;
        }
        catch (SqliteException damaged) when (HistoryFile.IsDamage(damaged))
        {
            Lose();
            try
            {
                LogDamaged(options.Path, HistoryFile.SetAside(options.Path, time.GetUtcNow()));
                _hasTried = false; // a new one begins at once
            }
            catch (Exception stuck) when (stuck is IOException or UnauthorizedAccessException)
            {
                Say(stuck);
            }
        }
        catch (Exception failed)
        {
            Lose(); // whatever it is: the history is tried again, and must not end without a word
            Say(failed);
        }

        return false;
    }

    private void Say(Exception failed)
    {
        _problem = HistoryFile.Reason(failed);
        if (_said.IsNews(_problem))
        {
            _isSaid = true;
            LogLost(options.Path, _problem, RetryEvery);
        }
    }

    private void Mended()
    {
        _problem = null;
        if (_isSaid)
        {
            _isSaid = false;
            _said.Forget();
            LogMended(options.Path);
        }
    }

    private void Lose()
    {
        meter.Dropped(HistoryDrop.Failed, _blocks.Values.Sum(block => block.Count));
        _blocks.Clear();
        Release();
        _triedAt = time.GetTimestamp();
    }

    private void Release()
    {
        _store?.Dispose();
        _store = null;
        _claim?.Dispose();
        _claim = null;
    }

    [LoggerMessage(LogLevel.Warning, "History: {Path} is damaged; it is kept as {Aside}, and a new one begins")]
    private partial void LogDamaged(string path, string aside);

    [LoggerMessage(LogLevel.Warning, "History: {Path} cannot be written: {Problem}. Nothing is remembered until then; tried each {Every}")]
    private partial void LogLost(string path, string problem, TimeSpan every);

    [LoggerMessage(LogLevel.Information, "History: {Path} is written again")]
    private partial void LogMended(string path);
}
