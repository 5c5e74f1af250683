using ActionStream.Core.Media;
using ActionStream.Publish.Snapshots;
using SkiaSharp;

namespace ActionStream.Unit.Publish.Snapshots;

public sealed class JpegEncoderTests
{
    [Fact]
    public void What_comes_out_shows_what_went_in_also_when_the_size_changes()
    {
        using var encoder = new JpegEncoder(95);
        foreach (var size in (FrameSize[])[new(48, 32), new(17, 9), new(48, 32)])
        {
            var rgb = new byte[size.Bytes];
            for (var i = 0; i < rgb.Length; i += 3)
            {
                var isLeft = i / 3 % size.Width < size.Width / 2;
                (rgb[i], rgb[i + 1], rgb[i + 2]) = isLeft ? ((byte)220, (byte)30, (byte)40) : ((byte)20, (byte)60, (byte)200);
            }

            using var seen = SKBitmap.Decode(encoder.Encode(rgb, size));
            Assert.Equal((size.Width, size.Height), (seen.Width, seen.Height));
            AssertNear(seen.GetPixel(1, size.Height / 2), 220, 30, 40);
            AssertNear(seen.GetPixel(size.Width - 2, size.Height / 2), 20, 60, 200);
        }
    }

    [Fact]
    public void Pixels_that_are_no_picture_of_that_size_are_refused()
    {
        using var encoder = new JpegEncoder();
        Assert.Throws<ArgumentException>(() => encoder.Encode(new byte[10], new FrameSize(2, 2)));
    }

    private static void AssertNear(SKColor seen, int red, int green, int blue) => Assert.True(
        Math.Abs(seen.Red - red) < 12 && Math.Abs(seen.Green - green) < 12 && Math.Abs(seen.Blue - blue) < 12,
        $"{seen}, expected {red} {green} {blue}");
}
