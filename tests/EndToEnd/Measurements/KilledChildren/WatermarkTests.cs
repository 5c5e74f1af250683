using ActionStream.Core.Media;

namespace ActionStream.EndToEnd.Measurements.KilledChildren;

/// <summary>What says that no frame is another camera's must be able to say that one is.</summary>
public sealed class WatermarkTests
{
    private static readonly FrameSize Size = new(128, 128);

    [Fact]
    public void Every_picture_of_every_camera_reads_as_itself()
    {
        for (var camera = 0; camera < 8; camera++)
        {
            for (var counter = 0; counter < Watermark.Count; counter++)
            {
                Assert.Equal((camera, counter), Watermark.Read(Rgb(Watermark.Draw(camera, counter)), Size));
            }
        }
    }

    [Fact]
    public void Half_of_one_picture_and_half_of_another_is_none()
    {
        var (one, other) = (Watermark.Draw(1, 100), Watermark.Draw(2, 100));
        other.AsSpan(other.Length / 2).CopyTo(one.AsSpan(one.Length / 2));

        Assert.Null(Watermark.Read(Rgb(one), Size));
        Assert.Null(Watermark.Read(new byte[Size.Bytes].Select(_ => (byte)128).ToArray(), Size));
    }

    private static byte[] Rgb(byte[] grey) => [.. grey.SelectMany(pixel => new[] { pixel, pixel, pixel })];
}
