using ActionStream.Core.Media;
using ActionStream.Ingest.Windowing;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Ingest.Windowing;

public sealed class ClipAssemblerTests : IDisposable
{
    private static readonly FrameSize Size = new(2, 1);
    private static readonly TimeSpan D = TimeSpan.FromMilliseconds(125);

    private readonly FakeClock _clock = new();
    private readonly PixelPool _pool = new();
    private readonly List<Clip> _clips = [];

    public void Dispose()
    {
        _clips.ForEach(clip => clip.Dispose());
        Assert.Equal(0, _pool.InUse);
        _pool.Dispose();
    }

    [Fact]
    public void A_clip_holds_its_frames_in_order_and_says_when_they_were()
    {
        Feed(new(4, D, Hop: 3), Enumerable.Range(0, 8).Select(i => (0, D * i)));

        Assert.Equal([0L, 3], _clips.Select(clip => clip.Time.FirstIndex));
        Assert.Equal([3, 4, 5, 6], Numbers(_clips[1]));
        Assert.Equal((D * 3, D * 6), (_clips[1].Time.Start, _clips[1].Time.End));
        Assert.Equal(new ClipQuality(4, 0, D), _clips[1].Quality);
    }

    [Fact]
    public void Later_frames_do_not_touch_a_clip()
    {
        Feed(new(4, D, Hop: 4), Enumerable.Range(0, 40).Select(i => (0, D * i)));

        Assert.All(_clips, clip => Assert.Equal(Enumerable.Range((int)clip.Time.FirstIndex, 4), Numbers(clip)));
    }

    [Fact]
    public void An_empty_slot_holds_the_frame_before_it_and_is_marked()
    {
        Feed(new(4, D, Hop: 1), [(0, D * 0), (0, D * 1), (0, D * 3), (0, D * 4)]);

        Assert.Equal([[0, 1, 1, 2], [1, 1, 2, 3]], _clips.Select(Numbers));
        Assert.All(_clips, clip => Assert.Equal(new ClipQuality(4, 1, D * 2), clip.Quality));
        Assert.Equal(0.75, _clips[0].Quality.Score);
    }

    [Fact]
    public void One_frame_may_complete_the_clip_that_ends_in_the_hole_before_it()
    {
        Feed(new(3, D, Hop: 1), [(0, D * 0), (0, D * 1), (0, D * 4)]);

        Assert.Equal([0L, 1, 2], _clips.Select(clip => clip.Time.FirstIndex));
        Assert.Equal([D * 2, D * 3, D * 4], _clips.Select(clip => clip.Time.End));
    }

    [Fact]
    public void A_gap_and_a_reconnection_each_lose_one_window_and_no_clip_spans_them()
    {
        var lost = Feed(
            new(4, D, Hop: 1),
            [
                .. Enumerable.Range(0, 6).Select(i => (0, D * i)),
                .. Enumerable.Range(20, 6).Select(i => (0, D * i)),
                .. Enumerable.Range(2, 6).Select(i => (0, D * i)),
                .. Enumerable.Range(0, 6).Select(i => (1, D * i)),
            ]);

        Assert.Equal(3, lost);
        Assert.Equal(
            [(0, 0), (0, 0), (0, 0), (0, 1), (0, 1), (0, 1), (0, 2), (0, 2), (0, 2), (1, 0), (1, 0), (1, 0)],
            _clips.Select(clip => (clip.Time.Epoch, clip.Time.Segment)));
        Assert.All(_clips, clip => Assert.Equal(D * 3, clip.Time.End - clip.Time.Start));
    }

    [Theory]
    [InlineData(8, 1)]
    [InlineData(8, 2)]
    [InlineData(8, 8)]
    [InlineData(16, 4)]
    public void If_the_hop_divides_the_length_every_frame_is_in_as_many_clips(int length, int hop)
    {
        Feed(new(length, D, hop), Enumerable.Range(0, 200).Select(i => (0, D * i)));

        var seen = _clips.SelectMany(Numbers).GroupBy(number => number).ToDictionary(group => group.Key, group => group.Count());
        Assert.All(Enumerable.Range(length, 200 - 2 * length), frame => Assert.Equal(length / hop, seen[frame]));
    }

    [Fact]
    public void Whole_and_thinned_streams_give_the_same_clips()
    {
        var random = new Random(4);
        var whole = Enumerable.Range(0, 900)
            .Select(i => TimeSpan.FromMilliseconds(40 * i + 15 * random.NextDouble())).Where((_, i) => i % 97 > 20).ToList();
        var grid = new TimeGrid(D, 3 * D);
        var thinned = whole.Where(time => grid.Place(time).Verdict != GridVerdict.Duplicate).ToList();

        Feed(new(8, D, Hop: 2), whole.Select(time => (0, time)));
        var ofWhole =
            _clips.Select(clip => (clip.Time.Segment, clip.Time.FirstIndex, clip.Time.Start, clip.Time.End, clip.Quality)).ToList();
        _clips.ForEach(clip => clip.Dispose());
        _clips.Clear();
        Feed(new(8, D, Hop: 2), thinned.Select(time => (0, time)));

        Assert.True(ofWhole.Count > 50, $"{ofWhole.Count} clips");
        Assert.Equal(
            ofWhole, _clips.Select(clip => (clip.Time.Segment, clip.Time.FirstIndex, clip.Time.Start, clip.Time.End, clip.Quality)));
    }

    [Fact]
    public void Overlapping_clips_share_their_frames_and_hold_no_more_than_those()
    {
        Feed(new(8, D, Hop: 2), [.. Enumerable.Range(0, 20).Select(i => (0, D * i)), (0, D * 21), (0, D * 22), (0, D * 23)]);

        Assert.Equal(9, _clips.Count); // the last holds a slot
        Assert.Equal(23, _pool.InUse); // every picture once; the ring has left
        _clips[0].Dispose();
        _clips[0].Dispose();
        Assert.Equal(21, _pool.InUse); // the two that no other clip has
    }

    [Fact]
    public void A_frame_that_came_late_says_by_how_much()
    {
        var assembler = new ClipAssembler("cam", new(2, D, 1), Size, _clock);
        using (assembler)
        {
            for (var i = 0; i < 20; i++)
            {
                using var frame = Frame(0, D * i, 0, _clock.GetTimestamp() + (i == 19 ? TimeSpan.FromMilliseconds(80).Ticks : 0));
                assembler.Add(frame, _clips);
                _clock.Advance(D);
            }
        }

        Assert.Equal(TimeSpan.Zero, _clips[^2].Time.CaptureDelay);
        Assert.Equal(TimeSpan.FromMilliseconds(80), _clips[^1].Time.CaptureDelay);
    }

    [Theory]
    [InlineData(3, 0, "01222222")]
    [InlineData(3, 1, "01222222")] // begins between two points where clips are due
    [InlineData(8, 1, "01234567")] // one is full, and was not due
    public void Padding_holds_the_last_frame_until_a_window_is_full(int frames, int first, string expected)
    {
        using (var assembler = new ClipAssembler("cam", new(8, D, Hop: 4), Size, _clock))
        {
            for (var i = 0; i < frames; i++)
            {
                using var frame = Frame(0, D * (first + i), i, _clock.GetTimestamp());
                assembler.Add(frame, _clips);
            }

            Assert.Empty(_clips);
            assembler.Pad(_clips);
        }

        var clip = Assert.Single(_clips);
        Assert.Equal(expected, string.Concat(Numbers(clip)));
        Assert.Equal((first, 8 - frames), (clip.Time.FirstIndex, clip.Quality.Held));
        Assert.Equal((D * first, D * (first + 7)), (clip.Time.Start, clip.Time.End));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(12.5)]
    public void When_a_camera_slows_down_windows_stay_as_long_in_time_and_say_what_they_lack(double fps)
    {
        var day = Enumerable.Range(0, 100).Select(i => TimeSpan.FromSeconds(i / 25.0));
        var night = Enumerable.Range(1, 60).Select(i => TimeSpan.FromSeconds(4 + i / fps));
        Feed(new(8, D, Hop: 2), [.. day.Concat(night).Select(time => (0, time))]);

        Assert.True(_clips.Count > 15, $"{_clips.Count} clips");
        Assert.All(_clips, clip => Assert.InRange((clip.Time.End - clip.Time.Start).TotalMilliseconds, 875 - 125, 875 + 125));
        Assert.All(_clips.Where(clip => clip.Time.End < TimeSpan.FromSeconds(4)), clip => Assert.Equal(0, clip.Quality.Held));
        var nights = _clips.Where(clip => clip.Time.Start > TimeSpan.FromSeconds(4.2)).ToList();
        Assert.All(nights, clip => Assert.InRange(clip.Quality.Held, fps < 8 ? 2 : 0, fps < 8 ? 4 : 0));
        Assert.Single(_clips.Select(clip => clip.Time.Segment).Distinct());
    }

    [Theory]
    [InlineData(3600.0)]
    [InlineData(-3600.0)]
    [InlineData(-95443.717688)] // 33 bits of 90 kHz
    public void No_clip_spans_a_jump_of_time_and_the_next_is_dated_by_its_arrival(double jump)
    {
        using var assembler = new ClipAssembler("cam", new(4, D, Hop: 1), Size, _clock);
        var presentation = TimeSpan.FromHours(30);
        var lost = 0;
        for (var number = 0; number < 20; number++)
        {
            _clock.Advance(D);
            presentation += number == 10 ? D + TimeSpan.FromSeconds(jump) : D;
            using var frame = Frame(0, presentation, number, _clock.GetTimestamp());
            lost += assembler.Add(frame, _clips).LostWindow ? 1 : 0;
        }

        Assert.Equal(1, lost);
        Assert.Equal(14, _clips.Count);
        Assert.All(_clips, clip => Assert.False(Numbers(clip).Contains(9) && Numbers(clip).Contains(10), "9 and 10 are of two times"));
        Assert.Equal([0, 1], _clips.Select(clip => clip.Time.Segment).Distinct());
        Assert.All(_clips, clip => Assert.Equal(0, clip.Time.CaptureDelay.TotalMilliseconds, 1.0));
        Assert.Equal(_clips.Select(clip => clip.Time.ArrivedAt).Order(), _clips.Select(clip => clip.Time.ArrivedAt));
    }

    [Fact]
    public void No_clip_holds_frames_of_two_formats()
    {
        using var assembler = new ClipAssembler("cam", new(4, D, Hop: 1), Size, _clock);
        for (var number = 0; number < 12; number++)
        {
            using var frame = Frame(0, D * number, number, _clock.GetTimestamp(), beginsFormat: number == 6);
            assembler.Add(frame, _clips);
        }

        Assert.Equal([0, 1, 2, 6, 7, 8], _clips.Select(clip => Numbers(clip)[0]));
        Assert.Equal([0, 0, 0, 1, 1, 1], _clips.Select(clip => clip.Time.Segment));
    }

    [Fact]
    public void Padding_nothing_gives_nothing()
    {
        using var assembler = new ClipAssembler("cam", new(4, D, 1), Size, _clock);
        assembler.Pad(_clips);
        Assert.Empty(_clips);
    }

    private int Feed(WindowSpec window, IEnumerable<(int Epoch, TimeSpan Time)> frames)
    {
        using var assembler = new ClipAssembler("cam", window, Size, _clock);
        var lost = 0;
        foreach (var (number, (epoch, time)) in frames.Index())
        {
            using var frame = Frame(epoch, time, number, _clock.GetTimestamp());
            lost += assembler.Add(frame, _clips).LostWindow ? 1 : 0;
        }

        return lost;
    }

    // The first byte numbers the frame.
    private Frame Frame(int epoch, TimeSpan time, int number, long arrivedAt, bool beginsFormat = false)
    {
        var block = _pool.Rent(Size.Bytes);
        block.Span.Clear();
        (block.Span[0], block.Span[1]) = ((byte)number, (byte)(number >> 8));
        return new(new FrameTime(epoch, time, arrivedAt), Size, block) { BeginsFormat = beginsFormat };
    }

    private static int[] Numbers(Clip clip)
    {
        var numbers = new int[clip.Length];
        for (var i = 0; i < clip.Length; i++)
        {
            numbers[i] = clip.Frame(i)[0] + 256 * clip.Frame(i)[1];
        }

        return numbers;
    }
}
