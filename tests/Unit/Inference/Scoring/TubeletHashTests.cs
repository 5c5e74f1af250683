using ActionStream.Core.Media;
using ActionStream.Inference.Scoring;

namespace ActionStream.Unit.Inference.Scoring;

public sealed class TubeletHashTests
{
    private static readonly FrameSize Size = new(31, 17);

    [Fact]
    public void Equal_pixels_hash_alike_wherever_they_lie_and_a_single_bit_or_another_order_does_not()
    {
        using var pool = new PixelPool();
        var random = new Random(3);
        var (a, b) = (new byte[Size.Bytes], new byte[Size.Bytes]);
        random.NextBytes(a);
        random.NextBytes(b);
        var hash = new TubeletHash();
        var seen = new Dictionary<UInt128, string>();
        void Expect(string name, byte[] first, byte[] second, bool isNew)
        {
            using var clip = Clip(pool, [b, first, second, a]);
            var (one, again) = (hash.Of(clip, 1, 2), new TubeletHash().Of(clip, 1, 2));
            Assert.Equal(one, again);
            Assert.True(seen.TryAdd(one, name) == isNew, $"{name} and {seen[one]}");
        }

        Expect("a, b", a, b, isNew: true);
        Expect("a, b again", [.. a], [.. b], isNew: false);
        Expect("b, a", b, a, isNew: true);
        Expect("a, a", a, a, isNew: true);
        for (var at = 0; at < Size.Bytes; at += 13)
        {
            byte[] other = [.. b];
            other[at] ^= (byte)(1 << (at % 8));
            Expect($"a bit of byte {at}", a, other, isNew: true);
        }
    }

    [Fact]
    public void Frames_are_equal_by_their_bytes_or_where_they_are_one()
    {
        using var pool = new PixelPool();
        byte[] a = [.. Enumerable.Repeat((byte)1, Size.Bytes)], b = [.. a];
        b[^1]++;
        using var clip = Clip(pool, [a, b, a, b, b, a]);
        Assert.True(clip.HasEqualFrames(0, 2, 2));
        Assert.False(clip.HasEqualFrames(0, 4, 2));
        Assert.False(clip.HasEqualFrames(0, 3, 2));

        using var held = pool.Rent(Size.Bytes);
        using var still = new Clip("front", default, default, Size, held.Share(), held.Share());
        Assert.True(still.HasEqualFrames(0, 1, 1));
    }

    private static Clip Clip(PixelPool pool, byte[][] frames) => new(
        "front", default, default, Size,
        [.. frames.Select(frame =>
        {
            var block = pool.Rent(Size.Bytes);
            frame.CopyTo(block.Span);
            return block;
        })]);
}
