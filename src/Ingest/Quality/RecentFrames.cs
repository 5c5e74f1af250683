using System.Numerics;
using System.Runtime.InteropServices;

namespace ActionStream.Ingest.Quality;

/// <summary>Recognises frames that were there before: a frozen one that an encoder sends again and again comes out a little different
/// within a group of frames, and the same from group to group.</summary>
/// <remarks>
/// By fingerprint, bounded. A living frame is told apart by its samples alone; the whole is read only where they recur,
/// so the first recurrence is not yet recognised.
/// </remarks>
internal sealed class RecentFrames
{
    /// <summary>Several key frame distances at eight frames a second.</summary>
    private const int Kept = 64;

    private readonly ulong[] _coarse = new ulong[Kept];
    private readonly ulong[] _whole = new ulong[Kept];
    private int _count;
    private int _next;

    /// <summary>True if the frame is one of the last; if not, it is from now on.</summary>
    /// <param name="samples">Some of its points.</param>
    /// <param name="pixels">All of it.</param>
    public bool Contains(ReadOnlySpan<byte> samples, ReadOnlySpan<byte> pixels)
    {
        var coarse = Fingerprint(samples);
        var whole = 0UL;
        if (_coarse.AsSpan(0, _count).Contains(coarse))
        {
            whole = Fingerprint(pixels);
            for (var i = 0; i < _count; i++)
            {
                if (_coarse[i] == coarse && _whole[i] == whole)
                {
                    return true;
                }
            }
        }

        (_coarse[_next], _whole[_next]) = (coarse, whole);
        _next = (_next + 1) % Kept;
        _count = Math.Min(_count + 1, Kept);
        return false;
    }

    public void Clear() => (_count, _next) = (0, 0);

    // Four sums side by side, since each waits for its own last step; never 0, which says that the whole was not read.
    private static ulong Fingerprint(ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        var (a, b, c, d) = (1u, 2u, 3u, 4u);
        var i = 0;
        for (; i + 4 <= words.Length; i += 4)
        {
            a = BitOperations.Crc32C(a, words[i]);
            b = BitOperations.Crc32C(b, words[i + 1]);
            c = BitOperations.Crc32C(c, words[i + 2]);
            d = BitOperations.Crc32C(d, words[i + 3]);
        }

        foreach (var rest in bytes[(i * sizeof(ulong))..])
        {
            a = BitOperations.Crc32C(a, rest);
        }

        return (((ulong)BitOperations.Crc32C(a, b) << 32) | BitOperations.Crc32C(c, d)) | 1;
    }
}
