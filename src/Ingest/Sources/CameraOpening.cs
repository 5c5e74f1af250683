namespace ActionStream.Ingest.Sources;

/// <summary>When one camera may open: who was well goes first, and who is dead is asked for a sign of life
/// before an ffmpeg is started for it.</summary>
/// <remarks>Not thread-safe: a camera opens one connection at a time.</remarks>
/// <param name="ask">Asks the camera's host; null where that cannot be done.</param>
/// <param name="safe">The address for people.</param>
public sealed class CameraOpening(
    ConnectLimiter limiter, Func<CancellationToken, Task<Reachability>>? ask, string safe)
{
    /// <summary>A silent host is tried with ffmpeg every so many times, in case it is only slow.</summary>
    private const int Earnest = 3;

    private bool _wasSeen;
    private bool _hasFailed;
    private bool _hasAnswered;
    private bool _answersInVain;
    private int _silences;

    public static CameraOpening For(SourceOptions options, ConnectLimiter limiter, ReachabilityCheck? check)
    {
        var safe = SourceAddress.TryParse(options.Url, out var address) ? address.Safe : "";
        return new(limiter, check is not null && TcpAddress.Of(options) is { } tcp ? cancel => check.AskAsync(tcp, cancel) : null, safe);
    }

    /// <summary>Waits for its turn, which ends by disposing it.</summary>
    /// <exception cref="SourceException">It cannot be opened at present.</exception>
    public async ValueTask<IDisposable> EnterAsync(CancellationToken cancel)
    {
        _hasAnswered = false;
        var rank = _wasSeen ? OpeningRank.Healthy : OpeningRank.New;
        if (!_hasFailed)
        {
            // A camera alone is not asked: some count every connection.
            if (limiter.TryEnter(rank) is { } turn)
            {
                return turn;
            }

            if (_wasSeen)
            {
                return await limiter.EnterAsync(rank, cancel);
            }
        }

        var answer = ask is null ? Reachability.Unknown : await ask(cancel);
        _silences = answer == Reachability.Silent ? _silences + 1 : 0;
        _hasAnswered = answer == Reachability.Answers;
        Refuse(answer);
        var isHopeful = answer switch
        {
            Reachability.Answers => !_answersInVain,
            Reachability.Unknown => !_hasFailed || _wasSeen,
            _ => false,
        };
        return await limiter.EnterAsync(isHopeful ? rank : OpeningRank.Dead, cancel);
    }

    /// <summary>The try is over.</summary>
    /// <param name="hasOpened">Frames came.</param>
    public void Ended(bool hasOpened)
    {
        _wasSeen |= hasOpened;
        (_hasFailed, _answersInVain) = (!hasOpened, !hasOpened && _hasAnswered);
    }

    private void Refuse(Reachability answer)
    {
        SourceException? fault = answer switch
        {
            Reachability.Refused => new(SourceFault.Refused, $"{safe} refused the connection"),
            Reachability.Unreachable => new(SourceFault.Unreachable, $"{safe} cannot be reached"),
            Reachability.Silent when _silences % Earnest != 0 => new(SourceFault.Timeout, $"{safe} did not answer in time"),
            _ => null,
        };
        if (fault is not null)
        {
            throw fault;
        }
    }
}
