namespace ActionStream.Ingest.Packets.Gating;

/// <summary>The most that quiet pictures cost beyond the middle, over spans of several lengths: what is more than that is motion, be it one
/// picture that is far beyond, or many that are a little.</summary>
/// <remarks>Kept are the pictures and not their sums: where the middle moves, at dusk or with a camera's setting, all are weighed
/// anew.</remarks>
internal sealed class QuietSums
{
    /// <summary>Spans over which is summed; the first is a picture alone.</summary>
    public static readonly TimeSpan[] Spans = [TimeSpan.Zero, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(2)];

    private const int Kept = 1200;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly (TimeSpan At, int Kind, int Quantiser, double Cost)[] _pictures = new (TimeSpan, int, int, double)[Kept];
    private readonly double[] _most = new double[Spans.Length];
    private int _count;
    private TimeSpan _weighedAt = TimeSpan.MinValue;

    /// <summary>The most of the last quiet minute or so.</summary>
    public double Most(int span) => _most[span];

    /// <summary>Takes a picture during which nothing moved.</summary>
    /// <param name="excess">What one of a kind and cost costs beyond the middle.</param>
    public void Add(TimeSpan at, int kind, int quantiser, double cost, Func<int, int, double, double> excess)
    {
        _pictures[_count++ % Kept] = (at, kind, quantiser, cost);
        if (_weighedAt == TimeSpan.MinValue || at - _weighedAt >= Every || at < _weighedAt)
        {
            _weighedAt = at;
            Weigh(excess);
        }
    }

    private void Weigh(Func<int, int, double, double> excess)
    {
        Array.Clear(_most);
        Span<int> oldest = stackalloc int[Spans.Length];
        Span<double> sums = stackalloc double[Spans.Length];
        var first = Math.Max(0, _count - Kept);
        oldest.Fill(first);
        for (var i = first; i < _count; i++)
        {
            var (at, kind, quantiser, cost) = _pictures[i % Kept];
            var beyond = excess(kind, quantiser, cost);
            _most[0] = Math.Max(_most[0], beyond);
            for (var span = 1; span < Spans.Length; span++)
            {
                sums[span] += beyond;
                while (oldest[span] < i && _pictures[oldest[span] % Kept] is var old && old.At <= at - Spans[span])
                {
                    sums[span] -= excess(old.Kind, old.Quantiser, old.Cost);
                    oldest[span]++;
                }

                _most[span] = Math.Max(_most[span], sums[span]);
            }
        }
    }
}
