using ActionStream.Core.Media;

namespace ActionStream.Publish.Snapshots;

/// <summary>All frames of a clip side by side, row by row: what the model was given, for a person to judge its answer by.</summary>
internal static class ContactSheet
{
    /// <summary>Sheets do not get wider, however many frames and however large.</summary>
    public const int WidestPixels = 1600;

    private const int Gap = 2;

    /// <returns>[H, W, 3], rgb24.</returns>
    public static (byte[] Pixels, FrameSize Size) Of(Clip clip)
    {
        var columns = (int)Math.Ceiling(Math.Sqrt(clip.Length));
        var rows = (clip.Length + columns - 1) / columns;
        var shrink = Math.Max(1, (int)Math.Ceiling((double)columns * clip.Size.Width / WidestPixels));
        var cell = new FrameSize(Math.Max(1, clip.Size.Width / shrink), Math.Max(1, clip.Size.Height / shrink));
        var size = new FrameSize((columns * (cell.Width + Gap)) - Gap, (rows * (cell.Height + Gap)) - Gap);
        var pixels = new byte[size.Bytes];
        for (var i = 0; i < clip.Length; i++)
        {
            var corner = ((i / columns * (cell.Height + Gap) * size.Width) + (i % columns * (cell.Width + Gap))) * FrameSize.Channels;
            Place(clip.Frame(i), clip.Size.Width, shrink, cell, pixels.AsSpan(corner), size.Width * FrameSize.Channels);
        }

        return (pixels, size);
    }

    // Each pixel is the mean of a square of the frame's.
    private static void Place(ReadOnlySpan<byte> frame, int width, int shrink, FrameSize cell, Span<byte> sheet, int rowBytes)
    {
        for (var y = 0; y < cell.Height; y++)
        {
            var row = sheet.Slice(y * rowBytes, cell.Width * FrameSize.Channels);
            for (var i = 0; i < row.Length; i++)
            {
                var (x, channel) = (i / FrameSize.Channels, i % FrameSize.Channels);
                var sum = 0;
                for (var dy = 0; dy < shrink; dy++)
                {
                    for (var dx = 0; dx < shrink; dx++)
                    {
                        sum += frame[(((((y * shrink) + dy) * width) + (x * shrink) + dx) * FrameSize.Channels) + channel];
                    }
                }

                row[i] = (byte)((sum + (shrink * shrink / 2)) / (shrink * shrink));
            }
        }
    }
}
