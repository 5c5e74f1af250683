using ActionStream.Core.Media;

namespace ActionStream.Ingest.Quality;

/// <param name="Mean">Brightness, 0 to 255.</param>
/// <param name="Contrast">Standard deviation of the brightness.</param>
/// <param name="Difference">Mean absolute change since the frame before, 0 to 255.</param>
/// <param name="Most">Largest change of one point since then.</param>
internal readonly record struct LumaLook(double Mean, double Contrast, double Difference, int Most);

/// <summary>Looks at every eighth pixel of every eighth row, and keeps it for the next frame: some hundred points tell
/// brightness, contrast and change.</summary>
internal sealed class SparseLuma(FrameSize size)
{
    private const int Step = 8;

    /// <summary>Small frames are looked at more closely, so that no statement rests on a handful of points.</summary>
    private const int Points = 28;

    private readonly int _stepX = Math.Clamp(size.Width / Points, 1, Step);
    private readonly int _stepY = Math.Clamp(size.Height / Points, 1, Step);
    private readonly byte[] _before = new byte[size.Width * size.Height];
    private int _count;

    /// <summary>The points of the last frame.</summary>
    public ReadOnlySpan<byte> Samples => _before.AsSpan(0, _count);

    /// <param name="pixels">[H, W, 3], rgb24.</param>
    public LumaLook Look(ReadOnlySpan<byte> pixels)
    {
        var (sum, squares, change, most, count) = (0L, 0L, 0L, 0, 0);
        var (stride, step) = (size.Width * FrameSize.Channels, _stepX * FrameSize.Channels);
        for (var y = _stepY / 2; y < size.Height; y += _stepY)
        {
            var row = pixels.Slice(y * stride, stride);
            for (var x = _stepX / 2 * FrameSize.Channels; x + 2 < row.Length; x += step)
            {
                var luma = (2 * row[x] + 5 * row[x + 1] + row[x + 2]) >> 3;
                sum += luma;
                squares += luma * luma;
                var difference = Math.Abs(luma - _before[count]);
                change += difference;
                most = Math.Max(most, difference);
                _before[count++] = (byte)luma;
            }
        }

        _count = count;
        var mean = (double)sum / count;
        return new(mean, Math.Sqrt(Math.Max(0, (double)squares / count - mean * mean)), (double)change / count, most);
    }
}
