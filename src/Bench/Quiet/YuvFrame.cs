using ActionStream.Core.Media;

namespace ActionStream.Bench.Quiet;

/// <summary>One frame as coders take it: planes of light and of two colours, the colours at half the size.</summary>
internal sealed class YuvFrame(FrameSize size)
{
    public FrameSize Size => size;

    /// <summary>[H, W], then twice [H/2, W/2].</summary>
    public byte[] Bytes { get; } = new byte[BytesOf(size)];

    public Span<byte> Luma => Bytes.AsSpan(0, size.Width * size.Height);

    /// <summary>The first colour, then the second.</summary>
    public Span<byte> Chroma => Bytes.AsSpan(size.Width * size.Height);

    /// <summary>Width of a colour's plane.</summary>
    public int HalfWidth => size.Width / 2;

    public int HalfHeight => size.Height / 2;

    public static int BytesOf(FrameSize size) => size.Width * size.Height * 3 / 2;

    public Span<byte> Colour(int which) => Chroma.Slice(which * HalfWidth * HalfHeight, HalfWidth * HalfHeight);

    /// <summary>Puts another picture over this one.</summary>
    /// <param name="x">Even, as <paramref name="y"/> and the other's width and height.</param>
    /// <param name="weight">0 leaves this one as it is, 256 shows the other alone.</param>
    public void Paste(YuvFrame other, int x, int y, int weight)
    {
        Blend(other.Luma, other.Size.Width, Luma, size.Width, x, y, weight);
        for (var colour = 0; colour < 2; colour++)
        {
            Blend(other.Colour(colour), other.HalfWidth, Colour(colour), HalfWidth, x / 2, y / 2, weight);
        }
    }

    private static void Blend(ReadOnlySpan<byte> from, int fromWidth, Span<byte> to, int toWidth, int x, int y, int weight)
    {
        for (var row = 0; row < from.Length / fromWidth; row++)
        {
            var source = from.Slice(row * fromWidth, fromWidth);
            var target = to.Slice((y + row) * toWidth + x, fromWidth);
            if (weight >= 256)
            {
                source.CopyTo(target);
                continue;
            }

            for (var i = 0; i < source.Length; i++)
            {
                target[i] = (byte)(target[i] + (((source[i] - target[i]) * weight) >> 8));
            }
        }
    }
}
