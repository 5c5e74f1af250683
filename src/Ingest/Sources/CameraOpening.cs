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

    /// <summary>One that was well and answers is taken for dead only after so many tries and <see cref="Grace"/>: a recorder that has
    /// restarted answers at once, and has its cameras' streams half a minute later.</summary>
    private const int MostVain = 5;

    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    private IDisposable? _turn;
    private OpeningRank _rank;
    private bool _wasSeen;
    private bool _hasFailed;
    private bool _wasAsked;
    private bool _hasAnswered;
    private int _vain; // tries in a row, of a host that answers
    private long _vainSince;
    private int _silences;

    private bool IsDead => _vain > 0
        && (!_wasSeen || (_vain >= MostVain && limiter.Time.GetElapsedTime(_vainSince) >= Grace));

    public static CameraOpening For(SourceOptions options, ConnectLimiter limiter, ReachabilityCheck? check)
    {
        var safe = SourceAddress.TryParse(options.Url, out var address) ? address.Safe : "";
        return new(limiter, check is not null && TcpAddress.Of(options) is { } tcp ? cancel => check.AskAsync(tcp, cancel) : null, safe);
    }

    /// <summary>Waits for its turn. Whoever was well until just now is not asked: some cameras count every connection.</summary>
    /// <exception cref="SourceException">It cannot be opened at present.</exception>
    public async ValueTask EnterAsync(CancellationToken cancel)
    {
        _hasAnswered = false;
        _rank = _hasFailed || !_wasSeen ? await AskAsync(cancel) : OpeningRank.Healthy;
        _turn = await limiter.EnterAsync(_rank, cancel);
    }

    /// <summary>The first frame is there.</summary>
    public void Opened()
    {
        (_wasSeen, _hasFailed, _vain, _silences) = (true, false, 0, 0);
        _turn?.Dispose();
    }

    /// <summary>The try is over.</summary>
    /// <param name="fault">Why; one of this machine's says nothing about the camera.</param>
    public void Ended(bool hasOpened, SourceFault? fault = null)
    {
        if (!hasOpened && fault != SourceFault.HostLimit)
        {
            _hasFailed = true;
            if (_vain > 0 || _hasAnswered)
            {
                _vainSince = _vain == 0 ? limiter.Time.GetTimestamp() : _vainSince;
                _vain++;
            }
        }

        // A dead one's turn lasts as long as any may: however many there are, an ffmpeg is started for them now and then only.
        if (_rank != OpeningRank.Dead)
        {
            _turn?.Dispose();
        }
    }

    private async Task<OpeningRank> AskAsync(CancellationToken cancel)
    {
        var rank = _wasSeen ? OpeningRank.Healthy : OpeningRank.New;
        if (_vain > 0 && _wasAsked)
        {
            _wasAsked = false; // perhaps it was the asking that it could not bear
            return IsDead ? OpeningRank.Dead : rank;
        }

        _wasAsked = true;
        var answer = ask is null ? Reachability.Unknown : await ask(cancel);
        _silences = answer == Reachability.Silent ? _silences + 1 : 0;
        _hasAnswered = answer == Reachability.Answers;
        _vain = _hasAnswered ? _vain : 0;
        Refuse(answer);
        var isHopeful = answer switch
        {
            Reachability.Answers => !IsDead,
            Reachability.Unknown => !_hasFailed || _wasSeen,
            _ => false,
        };
        return isHopeful ? rank : OpeningRank.Dead;
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
