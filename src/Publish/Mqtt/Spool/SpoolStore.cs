using ActionStream.Publish.Events;
using Microsoft.Extensions.Logging;

namespace ActionStream.Publish.Mqtt;

/// <summary>What must outlive the process: events that wait for the broker, and which events are open.</summary>
/// <remarks>
/// Without a path it only keeps nothing. A disk that fails is complained of and tried again now and then; meanwhile all goes on
/// in memory. Not thread-safe.
/// </remarks>
internal sealed partial class SpoolStore : IDisposable
{
    private const long SmallestRewrite = 256 << 10;

    private static readonly TimeSpan FlushEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(30);

    private readonly string? _path;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ITimer? _flushing;
    private readonly SortedDictionary<long, SpooledEvent> _waiting = [];
    private readonly Dictionary<string, SpooledEvent> _open = new(StringComparer.Ordinal);
    private volatile Journal? _journal;
    private volatile bool _isDirty;
    private long _brokenAt;
    private long _number;
    private long _live;

    public SpoolStore(SpoolOptions options, string node, TimeProvider time, ILogger log)
    {
        (_time, _log) = (time, log);
        if (options.Path.Length == 0)
        {
            return;
        }

        _path = Path.Combine(Path.GetFullPath(options.Path), $"{node}.spool");
        try
        {
            _journal = Journal.Open(_path, Read, out var damaged);
            Damaged = damaged;
            Former = [.. _waiting.Values];
            Crashed = [.. _open.Values.OrderBy(step => step.Number)];
            Rewrite();
            LogOpened(_path, Former.Count, Crashed.Count, damaged);
        }
        catch (Exception broken) when (IsDisk(broken))
        {
            Break(broken);
        }

        _flushing = time.CreateTimer(_ => Flush(), null, FlushEvery, FlushEvery);
    }

    /// <summary>Events that a former process could not get rid of, in order.</summary>
    public IReadOnlyList<SpooledEvent> Former { get; } = [];

    /// <summary>The last message of each event that was open when a former process died.</summary>
    public IReadOnlyList<SpooledEvent> Crashed { get; } = [];

    /// <summary>The last time at which a former process is known to have lived.</summary>
    public DateTimeOffset? LivedUntil { get; private set; }

    /// <summary>Places in the file that could not be read.</summary>
    public int Damaged { get; }

    /// <summary>Bytes on disk.</summary>
    public long Length => _journal?.Length ?? 0;

    /// <summary>Notes an event message before it is sent. Returns the number to call it by; 0 where nothing is kept.</summary>
    public long Add(string topic, ReadOnlyMemory<byte> payload, EventMark mark)
    {
        if (_path is null)
        {
            return 0;
        }

        var message = new SpooledEvent(++_number, _time.GetUtcNow(), mark, topic, payload);
        Keep(message);
        Append(SpoolRecord.Of(message, waits: true));
        return message.Number;
    }

    public void Done(long number)
    {
        if (number != 0 && Forget(number))
        {
            AppendShort(SpoolRecordKind.Done, number);
        }
    }

    /// <summary>Notes that the service lives: an event that a crash cuts off has lasted at least until now.</summary>
    public void Alive()
    {
        if (_path is not null)
        {
            AppendShort(SpoolRecordKind.Alive, _time.GetUtcNow().ToUnixTimeMilliseconds());
        }
    }

    public void Dispose()
    {
        _flushing?.Dispose();
        Flush();
        _journal?.Dispose();
    }

    private void Read(ReadOnlySpan<byte> record)
    {
        switch ((SpoolRecordKind)(record.IsEmpty ? 0 : record[0]))
        {
            case SpoolRecordKind.Waits when SpoolRecord.Event(record) is { } message:
                _number = Math.Max(_number, message.Number);
                Keep(message);
                break;
            case SpoolRecordKind.Open when SpoolRecord.Event(record) is { } message:
                _number = Math.Max(_number, message.Number);
                Follow(message);
                break;
            case SpoolRecordKind.Done:
                Forget(SpoolRecord.Number(record));
                break;
            case SpoolRecordKind.Alive:
                LivedUntil = SpoolRecord.Time(SpoolRecord.Number(record)) ?? LivedUntil;
                break;
        }
    }

    private void Keep(SpooledEvent message)
    {
        _waiting[message.Number] = message;
        _live += message.Size;
        Follow(message);
    }

    private void Follow(SpooledEvent message)
    {
        if (_open.Remove(message.Mark.Id, out var before))
        {
            _live -= before.Size;
        }

        if (message.Mark.Type is not EventType.End)
        {
            _open[message.Mark.Id] = message;
            _live += message.Size;
        }
    }

    private bool Forget(long number)
    {
        if (!_waiting.Remove(number, out var message))
        {
            return false;
        }

        _live -= message.Size;
        return true;
    }

    private void AppendShort(SpoolRecordKind kind, long number)
    {
        Span<byte> bytes = stackalloc byte[9];
        SpoolRecord.Short(bytes, kind, number);
        Append(bytes);
    }

    private void Append(ReadOnlySpan<byte> record)
    {
        try
        {
            if (_journal is { } journal)
            {
                journal.Append(record);
                _isDirty = true;
                if (journal.Length > Math.Max(SmallestRewrite, 2 * _live))
                {
                    Rewrite();
                }
            }
            else if (_time.GetElapsedTime(_brokenAt) >= TryAgainAfter)
            {
                _brokenAt = _time.GetTimestamp();
                _journal = Journal.Open(_path!, _ => { }, out _);
                Rewrite();
                LogMended(_path!);
            }
        }
        catch (Exception broken) when (IsDisk(broken))
        {
            Break(broken);
        }
    }

    // Open events come first: what follows on them may still be waiting.
    private void Rewrite() => _journal!.Rewrite(
        _open.Values.Where(step => !_waiting.ContainsKey(step.Number)).OrderBy(step => step.Number)
            .Select(step => (ReadOnlyMemory<byte>)SpoolRecord.Of(step, waits: false))
            .Concat(_waiting.Values.Select(message => (ReadOnlyMemory<byte>)SpoolRecord.Of(message, waits: true))));

    private void Flush()
    {
        try
        {
            if (_isDirty)
            {
                _isDirty = false;
                _journal?.Flush();
            }
        }
        catch (Exception broken) when (IsDisk(broken))
        {
            _isDirty = true; // the next write will say more
        }
    }

    private void Break(Exception broken)
    {
        _journal?.Dispose();
        (_journal, _brokenAt) = (null, _time.GetTimestamp());
        LogBroken(_path!, broken.Message);
    }

    private static bool IsDisk(Exception broken) => broken is IOException or UnauthorizedAccessException;

    [LoggerMessage(LogLevel.Information, "Spool {Path}: {Waiting} events wait, {Open} were cut off, {Damaged} places could not be read")]
    private partial void LogOpened(string path, int waiting, int open, int damaged);

    [LoggerMessage(LogLevel.Error, "Spool {Path} cannot be written: {Problem}. Events are kept in memory only, where a restart loses them")]
    private partial void LogBroken(string path, string problem);

    [LoggerMessage(LogLevel.Information, "Spool {Path} can be written again")]
    private partial void LogMended(string path);
}
