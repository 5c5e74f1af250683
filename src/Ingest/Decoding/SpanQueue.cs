using ActionStream.Ingest.Packets;

namespace ActionStream.Ingest.Decoding;

/// <summary>The spans that a decoder is still to get, and those it got whole while frames of them may still be in it: whoever takes its
/// place gets these again.</summary>
/// <remarks>Few: a decoder that takes much and gives nothing is replaced. Not thread-safe.</remarks>
/// <param name="interval">Sampling interval, D.</param>
internal sealed class SpanQueue(PacketRing ring, TimeSpan interval)
{
    private readonly List<DecodedSpan> _spans = []; // oldest first
    private int _whole; // so many of them were given to their ends
    private FedPicture? _out;

    /// <summary>The newest, whether it waits or was given; null before the first.</summary>
    public DecodedSpan? Last => _spans.Count > 0 ? _spans[^1] : null;

    /// <summary>The one that is being given or is to be given next.</summary>
    public DecodedSpan? Current => _whole < _spans.Count ? _spans[_whole] : null;

    public void Add(DecodedSpan span) => _spans.Add(span);

    /// <summary>The current one was given to its end.</summary>
    public void Pass() => _whole++;

    /// <summary>The newest, which was given to its end, is the current one again.</summary>
    public void GoOn() => _whole--;

    /// <summary>A frame came out: nothing of the spans before its own is in the decoder any more.</summary>
    public void CameOut(in FedPicture picture)
    {
        var before = Math.Min(_spans.IndexOf(picture.Span), _whole);
        if (before > 0)
        {
            _spans.RemoveRange(0, before);
            _whole -= before;
        }

        _out = picture;
    }

    /// <summary>A new decoder takes over: it gets everything that had not come out.</summary>
    /// <returns>Packets of these that are gone.</returns>
    public long StartOver()
    {
        _whole = 0;
        for (var at = _spans.Count - 1; at >= 0; at--)
        {
            // One that came out, and one that a newer one follows.
            var isOver = _spans[at] == _out?.Span || (at + 1 < _spans.Count && _spans[at + 1].IsHeartbeat);
            if (_spans[at].IsHeartbeat && isOver)
            {
                _spans.RemoveAt(at);
            }
        }

        return _spans.Sum(BeginAgain);
    }

    private long BeginAgain(DecodedSpan span)
    {
        span.Begin = null;
        if (span.IsHeartbeat)
        {
            return 0;
        }

        var known = _out is { } last && last.Span == span ? _out : null;
        if (known?.Presentation is { } place && !(span.After > place))
        {
            span.After = place;
        }

        if (ring.StartBefore(known?.Presentation - interval ?? TimeSpan.MinValue) is not { } start || start.Number <= span.From)
        {
            return 0;
        }

        var wanted = known is { } picture ? picture.Number + 1 : span.From;
        span.From = start.Number;
        return Math.Max(0, (start.Number < span.To ? start.Number : span.To ?? start.Number) - wanted);
    }
}
