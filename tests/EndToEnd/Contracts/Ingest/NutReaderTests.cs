using ActionStream.Core.Media;
using ActionStream.EndToEnd.Support;
using ActionStream.Ingest.Ffmpeg.Nut;

namespace ActionStream.EndToEnd.Contracts.Ingest;

public sealed class NutReaderTests
{
    private static readonly FrameSize Size = new(16, 12);

    [NeedsTheory("ffmpeg")]
    [InlineData("25", 40.0)]
    [InlineData("30000/1001", 1001.0 / 30)]
    [InlineData("7/3", 3000.0 / 7)]
    [InlineData("1/7", 7000.0)]
    [InlineData("1000", 1.0)]
    public void Every_picture_and_its_time_come_back(string rate, double step)
    {
        var source = $"-f lavfi -i testsrc2=size=16x12:rate={rate} -frames:v 40 -pix_fmt rgb24 -fps_mode passthrough -enc_time_base -1";
        var raw = Videos.Output($"{source} -f rawvideo");
        using var pool = new PixelPool();

        var frames = ReadAll(Videos.Output($"{source} -c:v rawvideo -f nut -write_index 0"), pool, out var reader);

        Assert.Equal(40, frames.Count);
        Assert.False(reader.WasCutOff);
        Assert.Equal(raw, frames.SelectMany(frame => frame.Pixels));
        Assert.All(frames.Index(), at => Assert.Equal(at.Index * step, at.Item.Time.TotalMilliseconds, 1e-3));
        Assert.Equal(0, pool.InUse);
    }

    [NeedsFact("ffmpeg")]
    public void A_hole_in_time_and_a_late_start_come_back()
    {
        using var pool = new PixelPool();
        var nut = Videos.Output(
            "-f lavfi -i testsrc2=size=16x12:rate=25:duration=4 -vf select='gte(t,0.5)*not(between(t,1,3))' -copyts -pix_fmt rgb24 "
            + "-fps_mode passthrough -enc_time_base 1/90000 -c:v rawvideo -f nut");

        var times = ReadAll(nut, pool, out _).Select(frame => Math.Round(frame.Time.TotalMilliseconds)).ToArray();

        Assert.Equal(520, times[0]);
        Assert.Equal(960 + 2080, times[Array.IndexOf(times, 960) + 1]);
        Assert.Equal(3960, times[^1]);
    }

    [NeedsFact("ffmpeg")]
    public void Cut_off_anywhere_it_gives_the_whole_pictures_and_ends()
    {
        using var pool = new PixelPool();
        var nut = Nut();
        var whole = ReadAll(nut, pool, out _);

        for (var length = 0; length < nut.Length; length++)
        {
            var frames = ReadAll(nut.AsSpan(0, length).ToArray(), pool, out _);
            Assert.True(frames.Count <= whole.Count, $"{frames.Count} frames of {length} bytes");
            Assert.All(frames.Index(), at => Assert.Equal(whole[at.Index].Pixels, at.Item.Pixels));
        }

        Assert.Equal(0, pool.InUse);
    }

    [NeedsFact("ffmpeg")]
    public void Damaged_anywhere_it_ends_or_says_that_it_is_broken()
    {
        using var pool = new PixelPool();
        var nut = Nut();
        var random = new Random(5);
        var broken = 0;
        for (var i = 0; i < nut.Length * 3; i++)
        {
            var damaged = (byte[])nut.Clone();
            damaged[i % nut.Length] ^= (byte)(i < nut.Length ? 0xFF : 1 << random.Next(8));
            try
            {
                ReadAll(damaged, pool, out _);
            }
            catch (NutException)
            {
                broken++;
            }
        }

        Assert.InRange(broken, 300, nut.Length * 3);
        Assert.Equal(0, pool.InUse);
    }

    [Fact]
    public void Noise_is_refused()
    {
        using var pool = new PixelPool();
        var noise = new byte[1000];
        for (var seed = 0; seed < 200; seed++)
        {
            new Random(seed).NextBytes(noise);
            Assert.Throws<NutException>(() => ReadAll(noise, pool, out _));
        }
    }

    private static byte[] Nut() => Videos.Output(
        "-f lavfi -i testsrc2=size=16x12:rate=25 -frames:v 5 -pix_fmt rgb24 -fps_mode passthrough -c:v rawvideo -f nut");

    private static List<(TimeSpan Time, byte[] Pixels)> ReadAll(byte[] nut, PixelPool pool, out NutReader reader)
    {
        // Small reads: whatever is cut in two must fit together again.
        reader = new NutReader(new Drip(nut), Size, pool);
        var frames = new List<(TimeSpan, byte[])>();
        while (reader.Read(out var time) is { } block)
        {
            using (block)
            {
                frames.Add((time, block.Span[..Size.Bytes].ToArray()));
            }
        }

        return frames;
    }

    private sealed class Drip(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 61));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 61)]);
    }
}
