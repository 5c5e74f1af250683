using ActionStream.Core.Media;

namespace ActionStream.Unit.Ingest.Quality;

/// <summary>Pictures as a camera's sensor makes them: a scene, its brightness, its noise.</summary>
internal static class Pictures
{
    public static FrameSize Size { get; } = new(64, 48);

    /// <summary>A wall with a window and a door.</summary>
    /// <param name="gain">1 is day.</param>
    /// <param name="noise">Of every pixel, either way.</param>
    public static byte[] Scene(Random random, double gain = 1, int noise = 2, double offset = 0) => Make((x, y) =>
        offset + random.Next(-noise, noise + 1)
        + gain * (x is > 10 and < 25 && y is > 8 and < 20 ? 220 : x is > 40 and < 52 && y > 16 ? 60 : 130));

    public static byte[] Flat(double level, Random? random = null, int noise = 0) =>
        Make((_, _) => level + (random?.Next(-noise, noise + 1) ?? 0));

    public static byte[] Make(Func<int, int, double> level)
    {
        var pixels = new byte[Size.Bytes];
        for (var i = 0; i < pixels.Length; i += 3)
        {
            var value = (byte)Math.Clamp(level(i / 3 % Size.Width, i / 3 / Size.Width), 0, 255);
            (pixels[i], pixels[i + 1], pixels[i + 2]) = (value, value, value);
        }

        return pixels;
    }
}
