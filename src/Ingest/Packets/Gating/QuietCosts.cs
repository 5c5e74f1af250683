namespace ActionStream.Ingest.Packets.Gating;

/// <summary>The middle of what quiet pictures of each kind cost this camera lately.</summary>
internal sealed class QuietCosts
{
    private const int Kept = 192;
    /// <summary>Few, since the first pictures after a key picture come as seldom as that; the others are soon many.</summary>
    private const int Enough = 2;
    private const int Every = 8;

    private readonly double[][] _costs = [.. Enumerable.Range(0, CodingCost.Kinds).Select(_ => new double[Kept])];
    private readonly int[] _counts = new int[CodingCost.Kinds];
    private readonly double[] _middles = new double[CodingCost.Kinds];
    private readonly double[] _sorted = new double[Kept];

    public void Add(int kind, double cost)
    {
        _costs[kind][_counts[kind]++ % Kept] = cost;
        if (_counts[kind] <= Every || _counts[kind] % Every == 0)
        {
            var count = Math.Min(_counts[kind], Kept);
            _costs[kind].AsSpan(0, count).CopyTo(_sorted);
            Array.Sort(_sorted, 0, count);
            _middles[kind] = _sorted[count / 2];
        }
    }

    /// <summary>How many have been learned from, of all kinds but intra pictures.</summary>
    public int Predicted => _counts.Skip(1).Sum();

    public int Intra => _counts[0];

    /// <summary>Null where nothing like it has been seen.</summary>
    public double? Of(int kind) =>
        _counts[kind] >= Enough ? _middles[kind] : kind == 0 ? null : Nearest(kind);

    // Of the kinds of its type, the one best known.
    private double? Nearest(int kind)
    {
        var (first, last) = kind <= 3 ? (1, 3) : (4, 5);
        var best = -1;
        for (var other = first; other <= last; other++)
        {
            best = _counts[other] >= Enough && (best < 0 || _counts[other] > _counts[best]) ? other : best;
        }

        return best < 0 ? null : _middles[best];
    }
}
