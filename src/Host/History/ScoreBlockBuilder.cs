namespace ActionStream.Host.History;

/// <summary>Collects the decisions of one camera until they are worth a block.</summary>
internal sealed class ScoreBlockBuilder(long model, int labels)
{
    /// <summary>What a kill may cost, where no event ends before.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private const int Most = 4096;

    private readonly List<long> _at = [];
    private readonly List<bool> _begins = [];
    private readonly List<byte> _rows = []; // [decisions, labels]

    public long Model => model;

    public int Count => _at.Count;

    public long Start => _at[0];

    public long End => _at.Max();

    /// <summary>True if it should be written before more comes.</summary>
    public bool IsFull(long now) => Count >= Most || (Count > 0 && (now - Start >= Longest.TotalMilliseconds || now < Start));

    public void Add(long at, bool begins, ReadOnlySpan<byte> values)
    {
        _at.Add(at);
        _begins.Add(begins);
        _rows.AddRange(values[..labels]);
    }

    /// <summary>What has been collected.</summary>
    public ScoreBlock Build()
    {
        var values = new byte[_rows.Count];
        for (var i = 0; i < Count; i++)
        {
            for (var label = 0; label < labels; label++)
            {
                values[(label * Count) + i] = _rows[(i * labels) + label];
            }
        }

        return new([.. _at], [.. _begins], values);
    }
}
