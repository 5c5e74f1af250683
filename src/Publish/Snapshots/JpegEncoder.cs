using ActionStream.Core.Media;
using SkiaSharp;

namespace ActionStream.Publish.Snapshots;

/// <summary>Turns pixels into JPEG. It keeps its memory from snapshot to snapshot, so each belongs to one thread at a time.</summary>
public sealed class JpegEncoder(int quality = JpegEncoder.Good) : IDisposable
{
    /// <summary>Where more quality is no longer seen.</summary>
    public const int Good = 85;

    private SKBitmap? _bitmap;

    /// <param name="rgb">[H, W, 3], rgb24.</param>
    public byte[] Encode(ReadOnlySpan<byte> rgb, FrameSize size)
    {
        if (rgb.Length != size.Bytes)
        {
            throw new ArgumentException($"{rgb.Length} bytes are no snapshot of {size}", nameof(rgb));
        }

        if (_bitmap is null || _bitmap.Width != size.Width || _bitmap.Height != size.Height)
        {
            _bitmap?.Dispose();
            _bitmap = new(new SKImageInfo(size.Width, size.Height, SKColorType.Rgb888x, SKAlphaType.Opaque));
        }

        SummaryStatistics(rgb, _bitmap.GetPixelSpan(), _bitmap.RowBytes, size);
        using var pixels = _bitmap.PeekPixels();
        using var jpeg = pixels?.Encode(new SKJpegEncoderOptions(quality));
        return jpeg?.ToArray() ?? throw new InvalidOperationException($"no JPEG of {size}");
    }

    public void Dispose() => _bitmap?.Dispose();

    // Skia knows no three-byte pixels.
    private static void SummaryStatistics(ReadOnlySpan<byte> rgb, Span<byte> rgbx, int rowBytes, FrameSize size)
    {
        for (var y = 0; y < size.Height; y++)
        {
            var from = rgb.Slice(y * size.Width * FrameSize.Channels, size.Width * FrameSize.Channels);
            var to = rgbx.Slice(y * rowBytes, size.Width * 4);
            for (int x = 0, i = 0; x < to.Length; x += 4, i += FrameSize.Channels)
            {
                to[x] = from[i];
                to[x + 1] = from[i + 1];
                to[x + 2] = from[i + 2];
                to[x + 3] = byte.MaxValue;
            }
        }
    }
}
