using ActionStream.Core.Media;
using ActionStream.Ingest.Quality;
using ActionStream.Ingest.Windowing;
using ActionStream.Unit.Ingest.Quality;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Ingest.Windowing;

/// <summary>What a clip says of its pictures, as the assembler counts it.</summary>
public sealed class ClipQualityOfWindowsTests : IDisposable
{
    private static readonly TimeSpan D = TimeSpan.FromMilliseconds(125);

    private readonly PixelPool _pool = new();
    private readonly List<Clip> _clips = [];
    private readonly Random _random = new(5);
    private readonly ClipAssembler _assembler = new(
        "cam", new(8, D, Hop: 1), Pictures.Size, new FakeClock(), new FrameInspector(Pictures.Size, TimeSpan.FromSeconds(4)));
    private int _slot;

    public void Dispose()
    {
        _clips.ForEach(clip => clip.Dispose());
        _assembler.Dispose();
        Assert.Equal(0, _pool.InUse);
        _pool.Dispose();
    }

    [Fact]
    public void Good_pictures_make_a_perfect_clip()
    {
        Play(40, () => Pictures.Scene(_random));

        Assert.Equal(33, _clips.Count);
        Assert.All(_clips, clip => Assert.Equal(new ClipQuality(8, 0, D), clip.Quality));
    }

    [Fact]
    public void A_picture_that_stays_is_a_duplicate_and_frozen_from_its_first_copy_on_once_that_shows()
    {
        Play(8, () => Pictures.Scene(_random));
        var still = Pictures.Scene(_random);
        Play(40, () => still);
        Play(8, () => Pictures.Scene(_random));

        var frozen = _clips.Select(clip => clip.Quality.Frozen).ToList();
        Assert.Equal(7, _clips[8].Quality.Duplicates);
        Assert.Equal(8, _clips[9].Quality.Duplicates);
        Assert.All(frozen[..33], count => Assert.Equal(0, count)); // four seconds are 32 pictures after the first
        Assert.Equal([8, 8, 8, 8, 8, 8, 8, 8, 7, 6, 5, 4, 3, 2, 1, 0], frozen[33..]);
    }

    [Fact]
    public void A_slot_that_is_held_has_the_faults_of_its_picture_but_was_not_sent_twice()
    {
        Play(8, () => Pictures.Scene(_random));
        Play(1, () => Pictures.Flat(0), isDamaged: true);
        _slot++;
        Play(5, () => Pictures.Scene(_random));

        var quality = _clips[^1].Quality;
        Assert.Equal((1, 0, 2, 2, 1), (quality.Held, quality.Duplicates, quality.Dark, quality.Damaged, quality.Cuts));
    }

    [Fact]
    public void A_clip_is_cut_only_within()
    {
        Play(10, () => Pictures.Scene(_random));
        Play(10, () => Pictures.Scene(_random, gain: 0.5, offset: 130));

        Assert.Equal([0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0], _clips.Select(clip => clip.Quality.Cuts));
    }

    [Fact]
    public void Damage_is_counted_without_anyone_looking_at_pictures()
    {
        using var blind = new ClipAssembler("cam", new(8, D, Hop: 1), Pictures.Size, new FakeClock());
        Play(20, () => Pictures.Flat(0), isDamaged: true, assembler: blind);

        Assert.All(_clips, clip => Assert.Equal(new ClipQuality(8, 0, D) { Damaged = 8 }, clip.Quality));
    }

    private void Play(int count, Func<byte[]> picture, bool isDamaged = false, ClipAssembler? assembler = null)
    {
        for (var i = 0; i < count; i++)
        {
            var block = _pool.Rent(Pictures.Size.Bytes);
            picture().CopyTo(block.Span);
            using var frame = new Frame(new FrameTime(0, D * _slot++, 0), Pictures.Size, block) { IsDamaged = isDamaged };
            (assembler ?? _assembler).Add(frame, _clips);
        }
    }
}
