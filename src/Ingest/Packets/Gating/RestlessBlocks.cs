namespace ActionStream.Ingest.Packets.Gating;

/// <summary>Blocks that change now and then, again and again, all the time: the clock that a camera writes into its picture. What moves for
/// longer at a time is not among them.</summary>
internal sealed class RestlessBlocks
{
    private const int Spans = 8;
    private const int Enough = 7;

    /// <summary>Blocks to either side that belong to the same line of digits.</summary>
    private const int Beside = 5;

    private const double MostOften = 0.4;

    /// <summary>No clock is so large: then nothing is passed over.</summary>
    private const double MostOfFrame = 0.06;

    private static readonly TimeSpan Span = TimeSpan.FromSeconds(2);

    private byte[] _changes = [];
    private ushort[] _history = [];
    private bool[] _isRestless = [];
    private TimeSpan? _begin;
    private int _compared;
    private int _width;
    private bool _any;

    /// <summary>Empty until there are some.</summary>
    public ReadOnlySpan<bool> Mask => _any ? _isRestless : default;

    /// <summary>Takes note of which blocks changed from one sampled frame to the next.</summary>
    public void Add(TimeSpan at, ReadOnlySpan<float> rests, int width, float limit)
    {
        _width = width;
        if (_changes.Length != rests.Length)
        {
            (_changes, _history, _isRestless, _any) = (new byte[rests.Length], new ushort[rests.Length], new bool[rests.Length], false);
            _begin = null;
        }

        if (_begin is not { } begin || at < begin || at - begin > 2 * Span)
        {
            Begin(at);
        }
        else if (at - begin >= Span)
        {
            End();
            Begin(at);
        }

        _compared++;
        for (var i = 0; i < rests.Length; i++)
        {
            if (rests[i] > limit && _changes[i] < byte.MaxValue)
            {
                _changes[i]++;
            }
        }
    }

    // Minutes change where seconds do: beside them.
    private bool HasRestlessNeighbour(int block)
    {
        for (var row = -1; row <= 1; row++)
        {
            for (var column = -Beside; column <= Beside; column++)
            {
                var (x, at) = ((block % _width) + column, block + (row * _width) + column);
                if (x >= 0 && x < _width && at >= 0 && at < _history.Length
                    && int.PopCount(_history[at] & ((1 << Spans) - 1)) >= Enough)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private void Begin(TimeSpan at)
    {
        (_begin, _compared) = (at, 0);
        Array.Clear(_changes);
    }

    private void End()
    {
        if (_compared < 4)
        {
            return;
        }

        for (var i = 0; i < _changes.Length; i++)
        {
            var changes = _changes[i];
            _history[i] = changes > Math.Max(2, MostOften * _compared) ? (ushort)0 : (ushort)((_history[i] << 1) | (changes > 0 ? 1 : 0));
        }

        var count = 0;
        for (var i = 0; i < _changes.Length; i++)
        {
            _isRestless[i] = HasRestlessNeighbour(i);
            count += _isRestless[i] ? 1 : 0;
        }

        _any = count > 0 && count <= MostOfFrame * _changes.Length;
    }
}
