using System.Diagnostics.CodeAnalysis;
using ActionStream.Core.Media;

namespace ActionStream.Inference.Scoring;

/// <summary>The tokens of one stream's last tubelets, found by their place in the stream, and by their pixels where these have
/// been seen at another: what stands still is computed once.</summary>
/// <remarks>
/// <para>Places: the absolute grid index of a tubelet's first sampled frame, in a ring of T, one for each index of a window.
/// Whatever the hop, an index meets its place's former tenant only when no later window can hold that one any more, because
/// window starts only grow.</para>
/// <para>Pixels: tokens depend on nothing else. The frame encoder gets bytes and no index, and the position of a tubelet in its
/// window is added in the temporal head; otherwise no window could take a token from an earlier one, where the tubelet stood
/// elsewhere. So equal pixels have equal tokens across gaps and connections too. T tubelets are kept: those that stand where a
/// later window can ask for them, and beside them what was met last.</para>
/// </remarks>
/// <param name="length">T, frames per window.</param>
/// <param name="tubelet">τ, frames per tubelet.</param>
/// <param name="numbers">S·D, numbers per tubelet.</param>
internal sealed class StreamTokens(int length, int tubelet, int numbers)
{
    private readonly Place[] _places = new Place[length];
    private readonly List<KnownTubelet> _known = [];
    private readonly long[] _answered = new long[length / tubelet]; // ids of the tubelets of the window that was answered last
    private float[] _answer = [];
    private int _epoch = -1;
    private int _segment = -1;
    private long _first;
    private long _lastId;
    private long _now;

    /// <summary>How many tubelets are kept.</summary>
    public int Count => _known.Count;

    /// <summary>Forgets all places if a gap or another connection lies between the last window and this one.</summary>
    public void Align(in ClipTime time)
    {
        _first = time.FirstIndex;
        if ((time.Epoch, time.Segment) != (_epoch, _segment))
        {
            (_epoch, _segment) = (time.Epoch, time.Segment);
            Array.Clear(_places);
            _known.ForEach(known => known.Index = KnownTubelet.Nowhere);
        }
    }

    /// <summary>What an earlier window had at the same place.</summary>
    /// <param name="index">Grid index of the tubelet's first frame.</param>
    public bool TryGet(long index, [NotNullWhen(true)] out KnownTubelet? known)
    {
        ref var place = ref _places[Slot(index)];
        known = place.Holds(index) ? place.Tubelet : null;
        if (known is not null)
        {
            known.MetAt = ++_now;
        }

        return known is not null;
    }

    /// <summary>A known tubelet with the pixels of one of this window, which from here on stands at that one's place too.</summary>
    /// <param name="fingerprint">Hash of its pixels.</param>
    /// <param name="first">Its first frame in the clip.</param>
    public bool TryFind(UInt128 fingerprint, Clip clip, int first, [NotNullWhen(true)] out KnownTubelet? known)
    {
        known = Find(fingerprint);
        if (known is null)
        {
            return false;
        }

        // Where its pixels are at hand, in this very window, nothing is left to the hash.
        var held = known.Index == KnownTubelet.Nowhere ? -1 : known.Index - clip.Time.FirstIndex;
        if (held >= 0 && held + tubelet <= clip.Length && !clip.HasEqualFrames(first, (int)held, tubelet))
        {
            known.Forget();
            known = null;
            return false;
        }

        Put(clip.Time.FirstIndex + first, known);
        return true;
    }

    /// <summary>Keeps what was computed, in place of what no later window can have at its place, and of that what was longest
    /// without use.</summary>
    /// <param name="fingerprint">Hash of its pixels; 0 if it is not to be found by them.</param>
    /// <param name="map">[h, w]; empty if nobody asked for it.</param>
    public KnownTubelet Keep(long index, UInt128 fingerprint, ReadOnlySpan<float> tokens, ReadOnlySpan<float> map = default)
    {
        // One that was known lacked its map. Its tokens stay: whoever has its id has these.
        var known = Find(fingerprint);
        if (known is null)
        {
            known = Take();
            known.Fill(++_lastId, fingerprint, tokens);
        }

        if (!map.IsEmpty)
        {
            known.Add(map);
        }

        Put(index, known);
        return known;
    }

    /// <summary>The last window's answer, if this window is made of the same tubelets: then the temporal head would get the
    /// same numbers, and give the same.</summary>
    /// <param name="ids">[T/τ]</param>
    public bool TryAnswer(ReadOnlySpan<long> ids, out ReadOnlySpan<float> answer)
    {
        answer = _answer;
        return _answer.Length > 0 && ids.SequenceEqual(_answered);
    }

    /// <summary>Keeps a window's answer. One that is no number is forgotten with all that it may come from, or a device's
    /// moment of weakness would last as long as nothing moves.</summary>
    /// <param name="ids">Its tubelets, [T/τ].</param>
    /// <param name="answer">Logits, [K].</param>
    public void Answered(ReadOnlySpan<long> ids, ReadOnlySpan<float> answer)
    {
        foreach (var logit in answer)
        {
            if (!float.IsFinite(logit))
            {
                _answer = [];
                _known.ForEach(known => known.Forget());
                return;
            }
        }

        if (_answer.Length != answer.Length)
        {
            _answer = new float[answer.Length];
        }

        ids.CopyTo(_answered);
        answer.CopyTo(_answer);
    }

    /// <summary>How many tubelets of a window an earlier one did not have. What only pixels would tell is not foretold: to
    /// look at them is part of the work.</summary>
    public int MissingOf(in ClipTime time)
    {
        var steps = length / tubelet;
        if ((time.Epoch, time.Segment) != (_epoch, _segment))
        {
            return steps;
        }

        var missing = 0;
        for (var step = 0; step < steps; step++)
        {
            var index = time.FirstIndex + (step * tubelet);
            missing += _places[Slot(index)].Holds(index) ? 0 : 1;
        }

        return missing;
    }

    private KnownTubelet? Find(UInt128 fingerprint)
    {
        foreach (var known in _known)
        {
            if (fingerprint != 0 && known.Fingerprint == fingerprint)
            {
                return known;
            }
        }

        return null;
    }

    private void Put(long index, KnownTubelet known)
    {
        (known.Index, known.MetAt) = (Math.Max(known.Index, index), ++_now);
        _places[Slot(index)] = new(index, known, known.Id);
    }

    // T are enough for every place that a later window can ask for, so what stands at one is never in want of room.
    private KnownTubelet Take()
    {
        if (_known.Count < length)
        {
            _known.Add(new(numbers));
            return _known[^1];
        }

        var oldest = _known[0];
        foreach (var known in _known)
        {
            var (isAhead, isOldestAhead) = (known.Index >= _first, oldest.Index >= _first);
            oldest = (isAhead == isOldestAhead ? known.MetAt < oldest.MetAt : isOldestAhead) ? known : oldest;
        }

        oldest.Forget();
        return oldest;
    }

    // Grid indices can be negative: presentation times may start below zero.
    private int Slot(long index) => (int)(((index % length) + length) % length);

    private readonly record struct Place(long Index, KnownTubelet? Tubelet, long Id)
    {
        public bool Holds(long index) => Tubelet is not null && Index == index && Tubelet.Id == Id;
    }
}
