using ActionStream.Ingest.Quality;

namespace ActionStream.Unit.Ingest.Quality;

public sealed class FrameInspectorTests
{
    private static readonly TimeSpan D = TimeSpan.FromMilliseconds(125);

    private readonly FrameInspector _inspector = new(Pictures.Size, TimeSpan.FromSeconds(8));
    private readonly Random _random = new(3);
    private byte[] _before = [];
    private int _frame;

    [Fact]
    public void A_quiet_scene_with_the_noise_of_a_sensor_has_no_marks()
    {
        for (var i = 0; i < 400; i++)
        {
            Assert.Equal(FrameMarks.None, Look(Pictures.Scene(_random, noise: 1)));
        }
    }

    [Fact]
    public void A_picture_is_frozen_once_it_has_been_the_same_for_the_set_time_and_not_a_picture_earlier()
    {
        var still = Pictures.Scene(_random);
        var marks = Enumerable.Range(0, 100).Select(_ => Look(still)).ToList();

        Assert.Equal(FrameMarks.None, marks[0]);
        Assert.All(marks[1..64], mark => Assert.Equal(FrameMarks.Duplicate, mark));
        Assert.All(marks[64..], mark => Assert.Equal(FrameMarks.Duplicate | FrameMarks.Frozen, mark));
        Assert.Equal(FrameMarks.None, Look(Pictures.Scene(_random)));
        Assert.Equal(FrameMarks.Duplicate, Look(_before));
    }

    [Fact]
    public void An_encoder_that_skips_a_still_scene_until_its_next_key_frame_is_not_frozen()
    {
        for (var group = 0; group < 10; group++)
        {
            var picture = Pictures.Scene(_random, noise: 1);
            Assert.DoesNotContain(Enumerable.Range(0, 4 * 8).Select(_ => Look(picture)), mark => mark.HasFlag(FrameMarks.Frozen));
        }
    }

    [Fact]
    public void One_byte_that_the_sparse_look_passes_over_is_enough_to_be_another_picture()
    {
        var picture = Pictures.Scene(_random);
        Look(picture);
        for (var i = 0; i < 200; i++)
        {
            picture = [.. picture];
            picture[^1] = (byte)i;
            Assert.Equal(FrameMarks.None, Look(picture));
        }
    }

    [Fact]
    public void A_still_picture_through_an_encoder_is_frozen_though_no_two_neighbours_are_equal()
    {
        var scene = Pictures.Scene(_random);
        var group = Enumerable.Range(0, 16)
            .Select(_ => Pictures.Make((x, y) => scene[3 * (y * Pictures.Size.Width + x)] + _random.Next(-2, 3))).ToArray();
        var marks = Enumerable.Range(0, 16 * 10).Select(i => Look(group[i % 16])).ToList();

        // The first two groups are new (their samples, then the whole), and eight seconds on nobody waits any longer.
        Assert.All(marks[..32], mark => Assert.Equal(FrameMarks.None, mark));
        Assert.All(marks[32..95], mark => Assert.Equal(FrameMarks.Recurring, mark));
        Assert.All(marks[95..], mark => Assert.Equal(FrameMarks.Recurring | FrameMarks.Frozen, mark));
    }

    [Fact]
    public void A_short_film_in_a_loop_is_not_frozen()
    {
        var scene = Pictures.Scene(_random);
        var recording = Enumerable.Range(0, 32).Select(i => Pictures.Make((x, y) =>
            x >= 2 * i && x < 2 * i + 6 && y is > 20 and < 40 ? 20 : scene[3 * (y * Pictures.Size.Width + x)])).ToArray();

        Assert.All(
            Enumerable.Range(0, 32 * 10).Select(i => Look(recording[i % 32])), mark => Assert.False(mark.HasFlag(FrameMarks.Frozen)));
    }

    [Fact]
    public void Frozen_can_be_switched_off()
    {
        var inspector = new FrameInspector(Pictures.Size, TimeSpan.Zero);
        var still = Pictures.Scene(_random);
        Assert.All(
            Enumerable.Range(0, 1000), i => Assert.False(inspector.Look(still, i == 0 ? [] : still, D * i).HasFlag(FrameMarks.Frozen)));
    }

    [Fact]
    public void Black_and_covered_are_dark()
    {
        Assert.True(Look(Pictures.Flat(0)).HasFlag(FrameMarks.Dark), "black");
        Assert.True(Look(Pictures.Flat(9, _random, 4)).HasFlag(FrameMarks.Dark), "a dark room, with noise");
        Assert.True(Look(Pictures.Flat(120, _random, 1)).HasFlag(FrameMarks.Dark), "a hand on the lens, lit by infrared");
    }

    [Fact]
    public void A_real_night_is_not_dark()
    {
        Assert.False(Look(Pictures.Scene(_random, gain: 0.1, noise: 5)).HasFlag(FrameMarks.Dark), "a room in moonlight");
        Assert.False(
            Look(Pictures.Make((x, y) => x is > 30 and < 36 && y is > 10 and < 16 ? 250 : 6)).HasFlag(FrameMarks.Dark),
            "one lamp in the street");
        Assert.False(Look(Pictures.Scene(_random, gain: 0.05, noise: 3, offset: 40)).HasFlag(FrameMarks.Dark), "fog");
    }

    [Fact]
    public void Infrared_light_that_goes_on_and_a_camera_that_is_turned_are_cuts_once()
    {
        Quiet();
        Assert.Equal(FrameMarks.Cut, Look(Pictures.Scene(_random, gain: 0.5, offset: 130)));
        Quiet(offset: 130, gain: 0.5);
        Assert.Equal(FrameMarks.Cut, Look(Pictures.Make((x, y) => (x / 8 + y / 8) % 2 == 0 ? 20 : 230)));
    }

    [Fact]
    public void Somebody_who_walks_up_to_the_camera_until_he_covers_half_the_picture_is_no_cut()
    {
        Quiet();
        for (var covered = 0; covered <= 32; covered += 4) // in a second
        {
            var edge = covered;
            var scene = Pictures.Scene(_random);
            var look = Look(Pictures.Make((x, y) => x < edge ? 15 : scene[3 * (y * Pictures.Size.Width + x)]));
            Assert.Equal(FrameMarks.None, look);
        }
    }

    [Fact]
    public void A_light_that_flickers_soon_is_what_is_usual()
    {
        Quiet();
        var marks = Enumerable.Range(0, 40).Select(i => Look(Pictures.Scene(_random, offset: i % 2 == 0 ? 60 : 0))).ToList();

        Assert.True(marks.Count(mark => mark == FrameMarks.Cut) <= 2, string.Join(' ', marks));
    }

    [Fact]
    public void After_a_gap_nothing_is_said_about_change()
    {
        var still = Pictures.Scene(_random);
        for (var i = 0; i < 100; i++)
        {
            Look(still);
        }

        _before = [];
        Assert.Equal(FrameMarks.None, Look(still));
        Assert.Equal(FrameMarks.Duplicate, Look(still));
        _before = [];
        Assert.Equal(FrameMarks.None, Look(Pictures.Make((x, _) => x * 4)));
    }

    [Fact]
    public void Looking_allocates_nothing()
    {
        var (one, two) = (Pictures.Scene(_random), Pictures.Scene(_random));
        _inspector.Look(one, [], TimeSpan.Zero);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 1; i < 1000; i++)
        {
            _inspector.Look(i % 3 == 0 ? two : one, one, D * i);
        }

        // A collection in between counts the rest of the thread's 8 KiB as used; one object per look would be three times that.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8192);
    }

    private void Quiet(double gain = 1, double offset = 0)
    {
        for (var i = 0; i < 16; i++)
        {
            var marks = Look(Pictures.Scene(_random, gain, offset: offset));
            Assert.True(marks == FrameMarks.None || i == 0, $"{marks} in picture {i}");
        }
    }

    [Fact]
    public void Asleep_it_takes_as_many_equal_frames_to_be_frozen_as_awake_however_far_they_are_apart()
    {
        var inspector = new FrameInspector(Pictures.Size, TimeSpan.FromSeconds(8), D);
        var still = Pictures.Scene(_random);
        inspector.Look(still, [], TimeSpan.Zero);
        var marks = Enumerable.Range(1, 70)
            .Select(i => inspector.Look(still, still, TimeSpan.FromSeconds(2 * i), isApart: true)).ToList();

        Assert.All(marks[..63], mark => Assert.Equal(FrameMarks.Duplicate, mark)); // a denoised wall, for two minutes
        Assert.All(marks[63..], mark => Assert.Equal(FrameMarks.Duplicate | FrameMarks.Frozen, mark));
    }

    [Fact]
    public void What_was_frozen_before_it_slept_stays_so_asleep_and_when_it_wakes_and_goes_back()
    {
        var inspector = new FrameInspector(Pictures.Size, TimeSpan.FromSeconds(8), D);
        var still = Pictures.Scene(_random);
        inspector.Look(still, [], TimeSpan.Zero);
        var last = Enumerable.Range(1, 64).Select(i => inspector.Look(still, still, D * i)).Last();
        Assert.True(last.HasFlag(FrameMarks.Frozen));
        Assert.True(inspector.Look(still, still, TimeSpan.FromSeconds(60), isApart: true).HasFlag(FrameMarks.Frozen));
        Assert.True(inspector.Look(still, still, TimeSpan.FromSeconds(50), isApart: true).HasFlag(FrameMarks.Frozen));
        Assert.True(inspector.Look(still, still, TimeSpan.FromSeconds(50) + D).HasFlag(FrameMarks.Frozen));
        Assert.Equal(FrameMarks.None, inspector.Look(Pictures.Scene(_random), still, TimeSpan.FromSeconds(50) + (2 * D)));
    }

    [Fact]
    public void A_scene_that_is_another_after_some_seconds_asleep_is_no_cut_and_does_not_hide_the_next_one()
    {
        var inspector = new FrameInspector(Pictures.Size, TimeSpan.FromSeconds(8), D);
        var (day, night) = (Pictures.Scene(_random), Pictures.Scene(_random, 0.5, offset: 130));
        inspector.Look(day, [], TimeSpan.Zero);
        inspector.Look(Pictures.Scene(_random), day, D);
        Assert.Equal(FrameMarks.None, inspector.Look(night, day, TimeSpan.FromSeconds(2), isApart: true));
        Assert.Equal(FrameMarks.None, inspector.Look(day, night, TimeSpan.FromSeconds(4), isApart: true));
        Assert.Equal(FrameMarks.Cut, inspector.Look(night, day, TimeSpan.FromSeconds(4) + D));
    }

    private FrameMarks Look(byte[] picture)
    {
        var marks = _inspector.Look(picture, _before, D * _frame++);
        _before = picture;
        return marks;
    }
}
