using ActionStream.Ingest.Packets.Pictures;

namespace ActionStream.Ingest.Packets.Gating;

/// <summary>Holds what pictures cost against what quiet ones did, and waits for the pixels before it learns from them.</summary>
internal sealed class CostWatch
{
    /// <summary>Pictures that wait for the pixels' word; more than a minute of them is a camera whose pixels nobody sees.</summary>
    private const int MostPending = 2048;

    /// <summary>Costs of this little more than usual are headers.</summary>
    private const double Grain = 0.05;

    /// <summary>The same as a share of an intra picture, where there are no others.</summary>
    private const double IntraGrain = 0.0005;

    /// <summary>Seconds between heartbeats up to which they are quick enough to see what bits do not show.</summary>
    private const double UsualHeartbeats = 2.5;

    /// <summary>From its start on a coder makes better what it began with.</summary>
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Longest = QuietSums.Spans[^1];

    private readonly QuietCosts _quiet = new();
    private readonly QuietSums _sums = new();
    private readonly Queue<(TimeSpan At, double Excess)> _recent = new();
    private readonly Queue<Sample> _pending = new();
    private readonly double[] _now = new double[QuietSums.Spans.Length];
    private readonly Func<int, int, double, double> _excess;
    private readonly VideoCodec _codec;
    private readonly bool _isMjpeg;
    private readonly double _blocks;
    private readonly GateOptions _options;
    private TimeSpan _moved = TimeSpan.MinValue;
    private TimeSpan _learned;
    private TimeSpan? _first;
    private TimeSpan? _calm;
    private double _interval = 0.04;
    private TimeSpan _last;
    private int _sinceIntra = 1;
    private int _inRow;
    private int _intraInRow;

    /// <param name="blocks">Of 16 x 16 pixels, in a picture.</param>
    public CostWatch(VideoCodec codec, double blocks, GateOptions options) =>
        (_codec, _isMjpeg, _blocks, _options, _excess) =
            (codec, codec == VideoCodec.Mjpeg, blocks, options, Excess);

    private readonly record struct Sample(TimeSpan At, int Kind, int Quantiser, double Cost);

    /// <summary>Quiet pictures are cheap and alike enough that motion would show.</summary>
    /// <param name="heartbeats">Time from one heartbeat to the next.</param>
    public bool IsTrusted(TimeSpan heartbeats) => IsAllIntra
        ? _quiet.Of(0) is not { } share || Threshold(1) / (share * PicturesIn(1)) <= _options.MostShare
        : (_quiet.Of(3) ?? 0) / _blocks <= _options.MostCost && Threshold(1) / (_blocks * PicturesIn(1)) <= MostThreshold(heartbeats);

    /// <summary>Bits would be trusted if heartbeats were as far apart. Not where all pictures are intra: their bits tell least.</summary>
    public bool TellsAlone(TimeSpan heartbeats) => !IsAllIntra && IsTrusted(heartbeats);

    /// <summary>Enough quiet time was seen to say what it costs.</summary>
    public bool IsLearned(TimeSpan time) => _learned >= time && (IsAllIntra ? _quiet.Intra : _quiet.Predicted) >= 40;

    private bool IsAllIntra => _intraInRow > 48 || _isMjpeg;

    /// <returns>Where what costs more than quiet may have begun; null if nothing does.</returns>
    public TimeSpan? Take(TimeSpan at, double cost, int quantiser, PictureType type)
    {
        _first ??= at;
        var kind = KindOf(type);
        var step = (at - _last).TotalSeconds;
        _interval = step is > 0 and < 1 ? _interval + ((step - _interval) * 0.05) : _interval;
        _last = at;
        var excess = Excess(kind, quantiser, cost);
        _recent.Enqueue((at, excess));
        while (_recent.TryPeek(out var oldest) && oldest.At <= at - Longest)
        {
            _recent.Dequeue();
        }

        Array.Clear(_now);
        foreach (var (when, beyond) in _recent)
        {
            for (var span = 1; span < _now.Length; span++)
            {
                _now[span] += when > at - QuietSums.Spans[span] ? beyond : 0;
            }
        }

        _now[0] = excess;
        if (_pending.Count == MostPending)
        {
            _pending.Dequeue();
        }

        _pending.Enqueue(new(at, kind, quantiser, cost));
        for (var span = _now.Length - 1; span >= 0; span--)
        {
            if (_now[span] > Threshold(span))
            {
                return at - QuietSums.Spans[span];
            }
        }

        return null;
    }

    /// <summary>The pixels moved: what cost too much around then is no quiet scene's.</summary>
    public void Moved(TimeSpan at)
    {
        _moved = at > _moved ? at : _moved;
        _calm = null;
        while (_pending.TryPeek(out var sample) && sample.At <= at + Longest / 4)
        {
            _pending.Dequeue();
        }
    }

    /// <summary>The pixels did not move up to here.</summary>
    /// <param name="isSeen">Every frame was looked at, not only the last.</param>
    public void Calm(TimeSpan at, bool isSeen)
    {
        if (isSeen && _calm is { } before && at > before)
        {
            _learned += at - before;
        }

        _calm = at;
        while (_pending.TryPeek(out var sample) && sample.At <= at)
        {
            _pending.Dequeue();
            if (sample.At < _moved + Longest || sample.At - _first < Start)
            {
                continue;
            }

            _quiet.Add(sample.Kind, sample.Quantiser, sample.Cost);
            if (isSeen)
            {
                // Asleep nobody saw that it was quiet: that raises nothing.
                _sums.Add(sample.At, sample.Kind, sample.Quantiser, sample.Cost, _excess);
            }
        }
    }

    private double Excess(int kind, int quantiser, double cost) =>
        _quiet.Of(kind, quantiser) is not { } middle || (kind == 0 && !IsAllIntra) ? 0
        : kind == 0 ? Math.Abs(cost - middle) : Math.Max(0, cost - middle);

    private double Threshold(int span)
    {
        var grain = IsAllIntra ? IntraGrain * (_quiet.Of(0) ?? 0) : Grain * _blocks;
        return (_sums.Most(span) * (1 + _options.Margin)) + (grain * Math.Sqrt(PicturesIn(span)));
    }

    private double MostThreshold(TimeSpan heartbeats) =>
        _options.MostThreshold * CodingCost.OfMotion(_codec, _quiet.Quantiser)
            * Math.Clamp(UsualHeartbeats / Math.Max(1, heartbeats.TotalSeconds), 0.4, 1);

    private double PicturesIn(int span) => Math.Max(1, QuietSums.Spans[span].TotalSeconds / Math.Max(0.005, _interval));

    private int KindOf(PictureType type)
    {
        (_sinceIntra, _inRow) = type switch
        {
            PictureType.Intra => (0, 0),
            PictureType.Predicted => (_sinceIntra + 1, 0),
            _ => (_sinceIntra, _inRow + 1),
        };
        _intraInRow = type == PictureType.Intra ? _intraInRow + 1 : 0;
        return CodingCost.KindOf(type, Math.Max(1, _sinceIntra), _inRow);
    }
}
