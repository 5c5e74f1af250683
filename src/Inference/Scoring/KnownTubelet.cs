namespace ActionStream.Inference.Scoring;

/// <summary>A tubelet that went through the frame encoder, and what came out of it: where its pixels come again, so do its
/// tokens.</summary>
/// <remarks>Its memory serves another tubelet later; whoever comes back to it compares <see cref="Id"/>.</remarks>
/// <param name="numbers">S·D.</param>
internal sealed class KnownTubelet(int numbers)
{
    /// <summary>Where no place is.</summary>
    public const long Nowhere = long.MinValue; // a grid index may be negative

    private readonly float[] _tokens = new float[numbers];
    private float[]? _map;
    private bool _hasMap;

    /// <summary>Which tubelet of its stream it is; no other ever has the same. 0: none any more.</summary>
    public long Id { get; private set; }

    /// <summary>Hash of its pixels; 0 for one that is not to be found by them.</summary>
    public UInt128 Fingerprint { get; private set; }

    /// <summary>Where in this segment it was met last, by the grid index of its first frame.</summary>
    public long Index { get; set; } = Nowhere;

    /// <summary>When it was met last; the stream counts.</summary>
    public long MetAt { get; set; }

    /// <summary>[S, D]</summary>
    public ReadOnlySpan<float> Tokens => _tokens;

    /// <summary>Where the model looked, [h, w], as `AttentionMap.Combine` gives it; empty if nobody asked when it was
    /// computed.</summary>
    public ReadOnlySpan<float> Map => _hasMap ? _map : default;

    public void Fill(long id, UInt128 fingerprint, ReadOnlySpan<float> tokens)
    {
        (Id, Fingerprint, _hasMap) = (id, fingerprint, false);
        tokens.CopyTo(_tokens);
    }

    public void Add(ReadOnlySpan<float> map)
    {
        _map ??= new float[map.Length];
        map.CopyTo(_map);
        _hasMap = true;
    }

    public void Forget() => (Id, Fingerprint, Index, MetAt) = (0, 0, Nowhere, 0);
}
