using System.Collections.Concurrent;
using ActionStream.Core.Media;

namespace ActionStream.Inference.Scoring;

/// <summary>Keeps the tokens of each stream's last tubelets, so that overlapping windows share them: a decision costs one
/// tubelet's encoder, not a clip's.</summary>
/// <remarks>
/// Exact, not approximate: the frame encoder sees nothing outside its tubelet, so equal pixels give equal tokens. Conditions
/// and costs: streaming.md C1 to C9 of the specifications; docs/decisions/0010.
/// </remarks>
/// <param name="length">T, frames per window.</param>
/// <param name="tubelet">τ, frames per tubelet.</param>
/// <param name="numbers">S·D, numbers per tubelet.</param>
/// <param name="cells">h·w, of the map of where the model looked in a tubelet.</param>
internal sealed class TokenCache(int length, int tubelet, int numbers, int cells = 0)
{
    private readonly ConcurrentDictionary<string, StreamTokens> _streams = new(StringComparer.Ordinal);

    /// <summary>Tubelets per window, T/τ.</summary>
    public int Steps { get; } = length / tubelet;

    /// <summary>The tokens of a stream. Only one window of a stream is worked on at a time, so its tokens need no lock.</summary>
    public StreamTokens Of(string stream) =>
        _streams.TryGetValue(stream, out var tokens)
            ? tokens
            : _streams.GetOrAdd(stream, new StreamTokens(length, tubelet, numbers, cells));

    /// <summary>Drops a stream's tokens. None of its windows may be under way: the connections of its next life count from anew.</summary>
    public void Forget(string stream) => _streams.TryRemove(stream, out _);

    /// <summary>How many tubelets of a clip would have to be computed.</summary>
    public int MissingOf(Clip clip) => _streams.TryGetValue(clip.Stream, out var tokens) ? tokens.MissingOf(clip.Time) : Steps;
}

/// <summary>The tokens of one stream's last tubelets, by the absolute grid index of each tubelet's first sampled frame.</summary>
/// <remarks>
/// A ring of T slots, one for each index of a window: whatever the hop, an index meets its slot's former tenant only when
/// no later window can hold that one any more, because window starts only grow. So nothing needs to be evicted. Slots take
/// memory when first used: a hop that is a multiple of τ uses every τ-th.
/// </remarks>
internal sealed class StreamTokens(int length, int tubelet, int numbers, int cells = 0)
{
    private const long None = long.MinValue; // a grid index may be negative

    private readonly float[]?[] _slots = new float[]?[length];
    private readonly float[]?[] _maps = new float[]?[length]; // beside the tokens, for a stream whose attention is wanted
    private readonly bool[] _hasMap = new bool[length];
    private readonly long[] _indices = [.. Enumerable.Repeat(None, length)];
    private int _epoch = -1;
    private int _segment = -1;

    /// <summary>Forgets everything if a gap or another connection lies between the last window and this one.</summary>
    public void Align(in ClipTime time)
    {
        if ((time.Epoch, time.Segment) != (_epoch, _segment))
        {
            (_epoch, _segment) = (time.Epoch, time.Segment);
            Array.Fill(_indices, None);
        }
    }

    /// <summary>The tokens of a window's tubelet, [S, D]; false if they are not known.</summary>
    /// <param name="index">Grid index of the tubelet's first frame.</param>
    public bool TryGet(long index, out ReadOnlySpan<float> tokens)
    {
        var slot = Slot(index);
        var isKnown = _indices[slot] == index;
        tokens = isKnown ? _slots[slot] : default;
        return isKnown;
    }

    /// <summary>Where the model looked in a window's tubelet, [h, w], as `AttentionMap.Combine` gives it; false if that is not
    /// known, though its tokens may be.</summary>
    public bool TryGetMap(long index, out ReadOnlySpan<float> map)
    {
        var slot = Slot(index);
        var isKnown = _indices[slot] == index && _hasMap[slot];
        map = isKnown ? _maps[slot] : default;
        return isKnown;
    }

    /// <param name="map">[h, w]; empty if nobody asked for it.</param>
    public void Set(long index, ReadOnlySpan<float> tokens, ReadOnlySpan<float> map = default)
    {
        var slot = Slot(index);
        tokens.CopyTo(_slots[slot] ??= new float[numbers]);
        _hasMap[slot] = !map.IsEmpty;
        if (!map.IsEmpty)
        {
            map.CopyTo(_maps[slot] ??= new float[cells]);
        }

        _indices[slot] = index;
    }

    internal int MissingOf(in ClipTime time)
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
            missing += _indices[Slot(index)] == index ? 0 : 1;
        }

        return missing;
    }

    // Grid indices can be negative: presentation times may start below zero.
    private int Slot(long index) => (int)(((index % length) + length) % length);
}
