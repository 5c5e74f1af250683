using ActionStream.Core.Media;
using ActionStream.Publish.Snapshots;

namespace ActionStream.Unit.Publish.Snapshots;

public sealed class ContactSheetTests : IDisposable
{
    private readonly PixelPool _pool = new();

    public void Dispose() => _pool.Dispose();

    // Each frame in a grey of its own.
    private Clip Make(int frames, FrameSize size)
    {
        var blocks = new PixelBlock[frames];
        for (var i = 0; i < frames; i++)
        {
            blocks[i] = _pool.Rent(size.Bytes);
            blocks[i].Span.Fill((byte)(i + 1));
        }

        return new("front", default, default, size, blocks);
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(8, 3, 3)]
    [InlineData(16, 4, 4)]
    [InlineData(32, 6, 6)]
    public void Frames_stand_row_by_row_and_all_of_them_do(int frames, int columns, int rows)
    {
        using var clip = Make(frames, new(10, 6));
        var (pixels, size) = ContactSheet.Of(clip);
        Assert.Equal(new FrameSize((columns * 12) - 2, (rows * 8) - 2), size);
        for (var i = 0; i < frames; i++)
        {
            var (x, y) = ((i % columns * 12) + 9, (i / columns * 8) + 5); // the frame's last pixel
            Assert.Equal(i + 1, pixels[((y * size.Width) + x) * 3]);
        }

        Assert.Equal(frames * 60 * 3, pixels.Count(value => value != 0)); // and nothing else but gaps
    }

    [Fact]
    public void A_sheet_of_many_large_frames_is_shrunk_by_taking_means()
    {
        using var clip = Make(64, new(512, 512));
        var (pixels, size) = ContactSheet.Of(clip);
        Assert.InRange(size.Width, 1000, ContactSheet.WidestPixels + 16);
        Assert.Equal((1, 64), (pixels[0], pixels[^1]));
    }
}
