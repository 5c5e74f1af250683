namespace ActionStream.Ingest.Packets.Gating;

/// <summary>The most that quiet pictures cost beyond the middle, over spans of several lengths: what is more than that is motion, be it one
/// picture that is far beyond, or many that are a little.</summary>
internal sealed class QuietSums
{
    /// <summary>Spans over which is summed; the first is a picture alone.</summary>
    public static readonly TimeSpan[] Spans = [TimeSpan.Zero, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(2)];

    private const int Buckets = 20;
    private static readonly TimeSpan Bucket = TimeSpan.FromSeconds(15);

    private readonly double[,] _most = new double[Spans.Length, Buckets];
    private readonly double[] _all = new double[Spans.Length];
    private long _bucket = -1;

    /// <summary>The most of the last minutes.</summary>
    public double Most(int span) => _all[span];

    /// <param name="mayRise">The pixels say as well that it was quiet; else it only keeps what is known from being forgotten.</param>
    public void Add(TimeSpan at, ReadOnlySpan<double> sums, bool mayRise)
    {
        Turn(Math.Max(0, at.Ticks / Bucket.Ticks));
        var place = (int)(_bucket % Buckets);
        for (var span = 0; span < Spans.Length; span++)
        {
            var sum = mayRise ? sums[span] : Math.Min(sums[span], _all[span]);
            _most[span, place] = Math.Max(_most[span, place], sum);
            _all[span] = Math.Max(_all[span], sum);
        }
    }

    /// <summary>What quiet costs is better known now than when these were taken.</summary>
    public void Clear()
    {
        Array.Clear(_most);
        Array.Clear(_all);
    }

    private void Turn(long bucket)
    {
        if (bucket <= _bucket)
        {
            return;
        }

        var passed = _bucket < 0 ? Buckets : Math.Min(Buckets, bucket - _bucket);
        for (var i = 0; i < passed; i++)
        {
            for (var span = 0; span < Spans.Length; span++)
            {
                _most[span, (int)((bucket - i + Buckets) % Buckets)] = 0;
            }
        }

        _bucket = bucket;
        for (var span = 0; span < Spans.Length; span++)
        {
            _all[span] = 0;
            for (var i = 0; i < Buckets; i++)
            {
                _all[span] = Math.Max(_all[span], _most[span, i]);
            }
        }
    }
}
