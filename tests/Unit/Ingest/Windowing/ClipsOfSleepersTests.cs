using ActionStream.Core.Media;
using ActionStream.Ingest.Windowing;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Ingest.Windowing;

/// <summary>Which clips come of a camera that sleeps and wakes.</summary>
public sealed class ClipsOfSleepersTests : IDisposable
{
    private static readonly FrameSize Size = new(2, 1);
    private static readonly TimeSpan D = TimeSpan.FromMilliseconds(125);
    private static readonly TimeSpan Frame25 = TimeSpan.FromMilliseconds(40);

    private readonly FakeClock _clock = new();
    private readonly PixelPool _pool = new();
    private readonly List<Clip> _clips = [];
    private readonly ClipAssembler _assembler;
    private int _lost;

    public ClipsOfSleepersTests() => _assembler = new("cam", new(8, D, Hop: 2), Size, _clock);

    public void Dispose()
    {
        _assembler.Dispose();
        _clips.ForEach(clip => clip.Dispose());
        Assert.Equal(0, _pool.InUse);
        _pool.Dispose();
    }

    [Fact]
    public void A_heartbeat_is_in_no_clip_and_only_the_last_is_kept()
    {
        Awake(0, 100);
        var clips = _clips.Count;
        _clips.ForEach(clip => clip.Dispose());
        for (var number = 150; number < 1000; number += 50)
        {
            Assert.Equal(GridVerdict.Heartbeat, Add(number, isHeartbeat: true).Verdict);
            Assert.Equal(1, _pool.InUse);
        }

        Assert.Equal((clips, 0), (_clips.Count, _lost));
    }

    [Theory]
    [InlineData(60)] // of the last clips before it slept some end after this
    [InlineData(200)]
    [InlineData(499)]
    public void Waking_goes_back_and_gives_out_no_clip_twice_and_no_window_is_lost(int from)
    {
        Awake(0, 100);
        Add(150, isHeartbeat: true);
        Add(500, isHeartbeat: true);
        Awake(from, 700, endsSleep: true);

        Assert.Equal(0, _lost);
        var indices = _clips.Select(clip => clip.Time.FirstIndex).ToList();
        Assert.Equal(indices.Distinct().Order(), indices);
        Assert.Contains(_clips, clip => clip.Time.End > Frame25 * 690);
        Assert.Equal([0, 1], _clips.Select(clip => clip.Time.Segment).Distinct());
    }

    [Fact]
    public void What_is_decided_after_waking_are_the_frames_of_a_camera_that_never_slept()
    {
        var always = Clips(0);
        foreach (var from in Enumerable.Range(300, 50))
        {
            Assert.Empty(always.Keys.Where(first => first * D > (Frame25 * from) + (2 * D)).Except(Clips(from).Keys));
            foreach (var (first, numbers) in Clips(from))
            {
                Assert.True(always[first].SequenceEqual(numbers), $"woken at {from}: {string.Join(' ', numbers)} at {first}");
            }
        }

        Dictionary<long, int[]> Clips(int from)
        {
            using var assembler = new ClipAssembler("cam", new(8, D, Hop: 2), Size, _clock);
            var thin = new TimeGrid(D, 3 * D);
            List<Clip> made = [];
            // Thinned by the decoder, which begins anew when it wakes; what it may have chosen otherwise for that is not passed on.
            var after = from == 0 ? TimeSpan.MinValue : TimeGrid.EndOfSlot(Frame25 * from, D);
            var isFirst = from > 0;
            for (var number = from; number < 600; number++)
            {
                var isSampled = thin.Place(Frame25 * number).Verdict != GridVerdict.Duplicate;
                if (isSampled && Frame25 * number > after)
                {
                    using var frame = Make(number, 0, endsSleep: isFirst);
                    assembler.Add(frame, made);
                    isFirst = false;
                }
            }

            var all = made.ToDictionary(clip => clip.Time.FirstIndex, Numbers);
            made.ForEach(clip => clip.Dispose());
            return all;
        }
    }

    [Fact]
    public void A_sleep_without_a_heartbeat_ends_as_well()
    {
        Awake(0, 100);
        Awake(50, 200, endsSleep: true);
        var indices = _clips.Select(clip => clip.Time.FirstIndex).ToList();
        Assert.Equal(indices.Distinct().Order(), indices);
        Assert.Equal(0, _lost);
    }

    [Fact]
    public void A_frame_after_heartbeats_ends_the_sleep_though_the_first_was_shed()
    {
        Awake(0, 100);
        Add(200, isHeartbeat: true);
        Awake(160, 300); // the frame that said so did not arrive
        Assert.Equal(0, _lost);
        Assert.Contains(_clips, clip => clip.Time.Segment == 1);
    }

    [Fact]
    public void A_gap_right_after_waking_gives_no_clip_twice()
    {
        Awake(0, 200);
        Add(250, isHeartbeat: true);
        Awake(100, 130, endsSleep: true);
        Awake(145, 400);
        var indices = _clips.Select(clip => clip.Time.FirstIndex).ToList();
        Assert.Equal(indices.Distinct().Order(), indices);
        Assert.Equal(1, _lost); // this one is a gap
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_clock_that_is_set_back_in_its_sleep_or_awake_holds_no_clip_back(bool asleep)
    {
        var hour = (int)(TimeSpan.FromHours(1) / Frame25);
        Awake(hour, hour + 100);
        if (asleep)
        {
            Add(hour + 150, isHeartbeat: true);
        }

        _clock.Advance(TimeSpan.FromSeconds(8));
        Awake(10, 200, endsSleep: asleep, offset: _clock.GetTimestamp() - (Frame25 * 10).Ticks);
        Assert.Contains(_clips, clip => clip.Time.Start < TimeSpan.FromSeconds(2));
    }

    private void Awake(int from, int to, bool endsSleep = false, long offset = 0)
    {
        for (var number = from; number < to; number++)
        {
            Add(number, endsSleep: endsSleep && number == from, offset: offset);
        }
    }

    private Assembly Add(int number, bool isHeartbeat = false, bool endsSleep = false, long offset = 0)
    {
        using var frame = Make(number, offset, isHeartbeat, endsSleep);
        var assembly = _assembler.Add(frame, _clips);
        _lost += assembly.LostWindow ? 1 : 0;
        return assembly;
    }

    // 25 a second; each arrives when it is sent, however late it is decoded.
    private Frame Make(int number, long offset, bool isHeartbeat = false, bool endsSleep = false)
    {
        var block = _pool.Rent(Size.Bytes);
        block.Span.Clear();
        (block.Span[0], block.Span[1], block.Span[2]) = ((byte)number, (byte)(number >> 8), (byte)(number >> 16));
        return new(new FrameTime(0, Frame25 * number, (Frame25 * number).Ticks + offset), Size, block)
        {
            IsHeartbeat = isHeartbeat,
            EndsSleep = endsSleep,
        };
    }

    private static int[] Numbers(Clip clip) =>
        [.. Enumerable.Range(0, clip.Length).Select(i => clip.Frame(i)[0] + (256 * clip.Frame(i)[1]) + (65536 * clip.Frame(i)[2]))];
}
