using ActionStream.Core.Media;

namespace ActionStream.Ingest.Packets.Gating;

/// <summary>A frame as means of light over small blocks: noise averages out, and whatever a model could see does not.</summary>
internal sealed class BlockGrid
{
    private const int LeastSide = 4;

    /// <summary>Blocks in the longer side at most: a larger model's frame shows no more, and costs no more to look at.</summary>
    private const int Most = 28;

    private float[] _means = [];

    public TimeSpan Presentation { get; private set; }

    public ReadOnlySpan<float> Means => _means;

    public int Count => _means.Length;

    /// <summary>Blocks in a row.</summary>
    public int Width { get; private set; } = 1;

    /// <summary>True before it is filled for the first time.</summary>
    public bool IsEmpty => _means.Length == 0;

    /// <param name="pixels">[H, W, 3], rgb24.</param>
    public void Fill(ReadOnlySpan<byte> pixels, FrameSize size, TimeSpan presentation)
    {
        Presentation = presentation;
        var side = Math.Max(LeastSide, (Math.Max(size.Width, size.Height) + Most - 1) / Most);
        (Width, var height) = (Math.Max(1, size.Width / side), Math.Max(1, size.Height / side));
        if (_means.Length != Width * height)
        {
            _means = new float[Width * height];
        }

        Array.Clear(_means);
        for (var row = 0; row < Math.Min(size.Height, height * side); row++)
        {
            var line = pixels.Slice(row * size.Width * FrameSize.Channels, size.Width * FrameSize.Channels);
            var sums = _means.AsSpan(row / side * Width, Width);
            for (var block = 0; block < sums.Length; block++)
            {
                var part = line[(block * side * FrameSize.Channels)..Math.Min(line.Length, (block + 1) * side * FrameSize.Channels)];
                var sum = 0;
                for (var i = 0; i + 2 < part.Length; i += 3)
                {
                    sum += (part[i] * 77) + (part[i + 1] * 150) + (part[i + 2] * 29);
                }

                sums[block] += sum / 256f;
            }
        }

        for (var i = 0; i < _means.Length; i++)
        {
            _means[i] /= side * side;
        }
    }

    public void CopyTo(BlockGrid other)
    {
        if (other._means.Length != _means.Length)
        {
            other._means = new float[_means.Length];
        }

        _means.CopyTo(other._means, 0);
        (other.Width, other.Presentation) = (Width, Presentation);
    }
}
