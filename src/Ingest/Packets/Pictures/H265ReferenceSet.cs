using System.Numerics;
using System.Runtime.CompilerServices;

namespace ActionStream.Ingest.Packets.Pictures;

/// <summary>Which pictures H.265 keeps, as distances from the present one; needed because how a slice header goes on depends on how
/// many of them are used, and a set may be told as the change of another.</summary>
internal struct H265ReferenceSet
{
    /// <summary>Pictures that are kept at most.</summary>
    public const int Most = 16;

    private Distances _distances; // those shown earlier, nearest first; then those shown later, nearest first
    private int _earlier;
    private int _count;
    private uint _used;

    public readonly int Count => _count;

    /// <summary>How many of them the present picture may be predicted of.</summary>
    public readonly int Used => BitOperations.PopCount(_used);

    /// <param name="before">Sets of the sequence that stand before this one; all of them for a set in a slice header.</param>
    public static H265ReferenceSet Read(ref BitReader bits, ReadOnlySpan<H265ReferenceSet> before, bool isInSlice) =>
        before.Length > 0 && bits.Flag() ? ReadChange(ref bits, before, isInSlice) : ReadWhole(ref bits);

    private static H265ReferenceSet ReadWhole(ref BitReader bits)
    {
        var set = new H265ReferenceSet();
        var (earlier, later) = (bits.Unsigned(Most), bits.Unsigned(Most));
        set.ReadSide(ref bits, earlier, -1);
        set._earlier = earlier;
        set.ReadSide(ref bits, later, 1);
        return set;
    }

    private void ReadSide(ref BitReader bits, int count, int sign)
    {
        var distance = 0;
        for (; count > 0; count--)
        {
            distance += sign * (bits.Unsigned(short.MaxValue) + 1);
            Add(ref bits, distance, bits.Flag());
        }
    }

    private static H265ReferenceSet ReadChange(ref BitReader bits, ReadOnlySpan<H265ReferenceSet> before, bool isInSlice)
    {
        ref readonly var source = ref before[^(isInSlice ? bits.Unsigned(before.Length - 1) + 1 : 1)];
        var sign = bits.Flag() ? -1 : 1;
        var shift = sign * (bits.Unsigned(short.MaxValue) + 1);
        var (used, kept) = (0u, 0u);
        for (var i = 0; i <= source._count; i++)
        {
            var isUsed = bits.Flag();
            used |= isUsed ? 1u << i : 0;
            kept |= isUsed || bits.Flag() ? 1u << i : 0;
        }

        // The source's pictures and the one that it belonged to, seen from the present one, sorted into the two sides again.
        var change = new Change(shift, used, kept);
        var set = new H265ReferenceSet();
        for (var i = source._count - 1; i >= source._earlier; i--)
        {
            set.Take(ref bits, source, i, change, -1);
        }

        set.Take(ref bits, source, source._count, change, -1);
        for (var i = 0; i < source._earlier; i++)
        {
            set.Take(ref bits, source, i, change, -1);
        }

        set._earlier = set._count;
        for (var i = source._earlier - 1; i >= 0; i--)
        {
            set.Take(ref bits, source, i, change, 1);
        }

        set.Take(ref bits, source, source._count, change, 1);
        for (var i = source._earlier; i < source._count; i++)
        {
            set.Take(ref bits, source, i, change, 1);
        }

        return set;
    }

    /// <summary>The source's picture at a place, if it is kept and on the wanted side now.</summary>
    private void Take(ref BitReader bits, in H265ReferenceSet source, int place, in Change change, int side)
    {
        var distance = (place == source._count ? 0 : source._distances[place]) + change.Shift;
        if (Math.Sign(distance) == side && ((change.Kept >> place) & 1) != 0)
        {
            Add(ref bits, distance, ((change.Used >> place) & 1) != 0);
        }
    }

    private void Add(ref BitReader bits, int distance, bool isUsed)
    {
        if (_count == Most)
        {
            bits.Fail();
            return;
        }

        _used |= isUsed ? 1u << _count : 0;
        _distances[_count++] = distance;
    }

    private readonly record struct Change(int Shift, uint Used, uint Kept);

    [InlineArray(Most)]
    private struct Distances
    {
        private int _first;
    }
}
