namespace ActionStream.Ingest.Packets.Gating;

/// <summary>The middle of what quiet pictures of each kind and quantiser cost this camera lately.</summary>
/// <remarks>Bytes at quantiser 0 make pictures of several quantisers comparable where all is coded. What noise costs is not among that: a
/// coarse quantiser leaves it out, and a fine one codes it whole. So a camera with a constant rate, whose quantiser goes up and down,
/// is held against quiet pictures as coarse as the one at hand.</remarks>
internal sealed class QuietCosts
{
    private const int Kept = 240;

    /// <summary>Few, since the first pictures after a key picture come as seldom as that; the others are soon many.</summary>
    private const int Enough = 2;

    /// <summary>Of one quantiser and its neighbours, to have a middle of their own.</summary>
    private const int EnoughAlike = 5;

    private const int Every = 8;

    private readonly Kind[] _kinds = [.. Enumerable.Range(0, CodingCost.Kinds).Select(_ => new Kind())];

    public void Add(int kind, int quantiser, double cost) => _kinds[kind].Add(quantiser, cost);

    /// <summary>How many have been learned from, of all kinds but intra pictures.</summary>
    public int Predicted => _kinds.Skip(1).Sum(kind => kind.Count);

    public int Intra => _kinds[0].Count;

    /// <summary>Null where nothing like it has been seen.</summary>
    public double? Of(int kind, int quantiser) =>
        _kinds[kind].Count >= Enough ? _kinds[kind].Of(quantiser) : kind == 0 ? null : Nearest(kind, quantiser);

    /// <summary>Of a kind whatever the quantiser; null where nothing like it has been seen.</summary>
    public double? Of(int kind) => Of(kind, -1);

    // Of the kinds of its type, the one best known.
    private double? Nearest(int kind, int quantiser)
    {
        var (first, last) = kind <= 3 ? (1, 3) : (4, 5);
        Kind? best = null;
        for (var other = first; other <= last; other++)
        {
            best = _kinds[other].Count >= Enough && (best is null || _kinds[other].Count > best.Count) ? _kinds[other] : best;
        }

        return best?.Of(quantiser);
    }

    /// <summary>The middle one of predicted pictures.</summary>
    public int Quantiser => _kinds[3].Quantiser;

    private sealed class Kind
    {
        private readonly (byte Quantiser, double Cost)[] _pictures = new (byte, double)[Kept];
        private readonly double[] _middles = new double[CodingCost.Quantisers];
        private readonly double[] _sorted = new double[Kept];
        private double _middle;
        private int _finest;
        private int _coarsest;

        public int Count { get; private set; }

        public int Quantiser { get; private set; }

        public double Of(int quantiser) => quantiser < 0 ? _middle : _middles[quantiser];

        public void Add(int quantiser, double cost)
        {
            _pictures[Count++ % Kept] = ((byte)quantiser, cost);
            if (Count <= Every || Count % Every == 0)
            {
                Weigh();
            }
        }

        // Where too few are known: as the next finer one that is, since coarser ones never cost more.
        private void Weigh()
        {
            _middle = Middle(0, CodingCost.Quantisers);
            Quantiser = MiddleQuantiser();
            var known = double.NaN;
            for (var quantiser = 0; quantiser < CodingCost.Quantisers; quantiser++)
            {
                // Of hundreds of pictures few quantisers are seen.
                var middle = quantiser >= _finest - 1 && quantiser <= _coarsest + 1
                    ? Middle(quantiser - 1, quantiser + 1, EnoughAlike) : double.NaN;
                known = double.IsNaN(middle) ? known : middle;
                _middles[quantiser] = known;
            }

            // Finer than all that are known, or none is.
            for (var quantiser = CodingCost.Quantisers - 1; quantiser >= 0; quantiser--)
            {
                known = double.IsNaN(known) ? _middle : known;
                _middles[quantiser] = double.IsNaN(_middles[quantiser]) ? known : _middles[quantiser];
                known = _middles[quantiser];
            }
        }

        private int MiddleQuantiser()
        {
            var count = Math.Min(Count, Kept);
            for (var i = 0; i < count; i++)
            {
                _sorted[i] = _pictures[i].Quantiser;
            }

            Array.Sort(_sorted, 0, count);
            (_finest, _coarsest) = ((int)_sorted[0], (int)_sorted[count - 1]);
            return (int)_sorted[count / 2];
        }

        private double Middle(int finest, int coarsest, int enough = 1)
        {
            var count = 0;
            foreach (var (quantiser, cost) in _pictures.AsSpan(0, Math.Min(Count, Kept)))
            {
                if (quantiser >= finest && quantiser <= coarsest)
                {
                    _sorted[count++] = cost;
                }
            }

            if (count < enough)
            {
                return double.NaN;
            }

            Array.Sort(_sorted, 0, count);
            return _sorted[count / 2];
        }
    }
}
