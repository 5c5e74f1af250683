using ActionStream.Ingest.Packets.Pictures;

namespace ActionStream.Ingest.Packets.Gating;

/// <summary>Holds what pictures cost against what quiet ones did, and waits for the pixels before it learns from them.</summary>
internal sealed class CostWatch(VideoCodec codec, double blocks, GateOptions options)
{
    /// <summary>Pictures that wait for the pixels' word; more than a minute of them is a camera whose pixels nobody sees.</summary>
    private const int MostPending = 2048;

    /// <summary>Costs of this little more than usual are headers.</summary>
    private const double Grain = 0.05;

    private static readonly TimeSpan Longest = QuietSums.Spans[^1];

    private readonly QuietCosts _quiet = new();
    private readonly QuietSums _sums = new();
    private readonly Queue<(TimeSpan At, double Excess)> _recent = new();
    private readonly Queue<Sample> _pending = new();
    private readonly double[] _now = new double[QuietSums.Spans.Length];
    private TimeSpan _moved = TimeSpan.MinValue;
    private TimeSpan _learned;
    private TimeSpan? _calm;
    private double _interval = 0.04;
    private TimeSpan _last;
    private int _sinceIntra = 1;
    private int _inRow;
    private int _intraInRow;

    private readonly record struct Sample(TimeSpan At, int Kind, double Cost, double Picture, double Half, double Long);

    /// <summary>Quiet pictures are cheap and alike enough that motion would show.</summary>
    public bool IsTrusted => IsAllIntra
        ? _quiet.Of(0) is not { } share || Threshold(1) / (share * PicturesIn(1)) <= options.MostShare
        : (_quiet.Of(3) ?? 0) / blocks <= options.MostCost && Threshold(1) / (blocks * PicturesIn(1)) <= options.MostThreshold;

    /// <summary>Enough quiet time was seen to say what it costs.</summary>
    public bool IsLearned(TimeSpan time) => _learned >= time && (IsAllIntra ? _quiet.Intra : _quiet.Predicted) >= 40;

    private bool IsAllIntra => _intraInRow > 48 || (codec == VideoCodec.Mjpeg);

    /// <returns>Where what costs more than quiet may have begun; null if nothing does.</returns>
    public TimeSpan? Take(TimeSpan at, double cost, PictureType type)
    {
        var kind = KindOf(type);
        var step = (at - _last).TotalSeconds;
        _interval = step is > 0 and < 1 ? _interval + ((step - _interval) * 0.05) : _interval;
        _last = at;
        var middle = _quiet.Of(kind);
        var excess = middle is null || (kind == 0 && !IsAllIntra) ? 0
            : kind == 0 ? Math.Abs(cost - middle.Value) : Math.Max(0, cost - middle.Value);
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

        _pending.Enqueue(new(at, kind, cost, _now[0], _now[1], _now[2]));
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
            var learned = _learned + (at - before);
            if (_learned < options.Learning / 2 && learned >= options.Learning / 2)
            {
                _sums.Clear();
            }

            _learned = learned;
        }

        _calm = at;
        Span<double> sums = stackalloc double[QuietSums.Spans.Length];
        while (_pending.TryPeek(out var sample) && sample.At <= at)
        {
            _pending.Dequeue();
            if (sample.At < _moved + Longest)
            {
                continue;
            }

            (sums[0], sums[1], sums[2]) = (sample.Picture, sample.Half, sample.Long);
            if (_quiet.Of(sample.Kind) is not null)
            {
                _sums.Add(sample.At, sums, isSeen);
            }

            _quiet.Add(sample.Kind, sample.Cost);
        }
    }

    private double Threshold(int span) =>
        (_sums.Most(span) * (1 + options.Margin))
        + (IsAllIntra ? 0.0005 * (_quiet.Of(0) ?? 0) : Grain * blocks) * Math.Sqrt(PicturesIn(span));

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
