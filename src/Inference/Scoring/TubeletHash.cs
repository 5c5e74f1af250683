using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;
using ActionStream.Core.Media;

namespace ActionStream.Inference.Scoring;

/// <summary>Tells tubelets by their pixels, for a few microseconds: 128 bits, so that two of a stream are never alike by
/// chance.</summary>
/// <remarks>
/// A camera is not trusted, and this is no cryptographic hash. So each process has a seed of its own that nobody learns, and
/// a stream's tubelets are held against its own only: pictures made to collide could not deceive about any other camera.
/// </remarks>
internal sealed class TubeletHash
{
    private static readonly long Seed = BinaryPrimitives.ReadInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(long)));

    private readonly XxHash128 _hash = new(Seed);

    /// <summary>The hash of some neighbouring frames of a clip, [count, H, W, 3].</summary>
    public UInt128 Of(Clip clip, int first, int count)
    {
        _hash.Reset();
        for (var i = 0; i < count; i++)
        {
            _hash.Append(clip.Frame(first + i));
        }

        return _hash.GetCurrentHashAsUInt128();
    }
}
