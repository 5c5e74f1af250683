using ActionStream.Core.Media;
using ActionStream.Inference.Scoring;

namespace ActionStream.Unit.Inference.Scoring;

public sealed class StreamTokensTests : IDisposable
{
    private const int Length = 8;
    private const int Tubelet = 2;

    private static readonly FrameSize Size = new(4, 4);

    private readonly PixelPool _pool = new();
    private readonly StreamTokens _tokens = new(Length, Tubelet, numbers: 2);

    [Fact]
    public void Equal_pixels_have_the_tokens_that_were_computed_once_and_are_known_at_their_place_from_then_on()
    {
        using var clip = Clip(0, "aabbccdd");
        _tokens.Align(clip.Time);
        _tokens.Keep(0, 7, [1, 2]);
        Assert.False(_tokens.TryGet(100, out _));
        using var later = Clip(98, "..aa....");
        Assert.True(_tokens.TryFind(7, later, 2, out var known));

        Assert.Equal([1, 2], known.Tokens.ToArray());
        Assert.True(_tokens.TryGet(100, out var same));
        Assert.Equal(known.Id, same.Id);
        Assert.Equal(1, _tokens.Count);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    public void Pixels_are_known_again_after_a_gap_or_on_another_connection_and_places_are_not(int epoch, int segment)
    {
        using var clip = Clip(0, "aabbccdd");
        _tokens.Align(clip.Time);
        _tokens.Keep(0, 7, [1, 2]);
        using var other = Clip(0, "eeaabbcc", epoch, segment);
        _tokens.Align(other.Time);

        Assert.False(_tokens.TryGet(0, out _));
        Assert.True(_tokens.TryFind(7, other, 2, out var known));
        Assert.Equal([1, 2], known.Tokens.ToArray());
    }

    [Fact]
    public void Where_the_pixels_are_at_hand_they_decide_and_not_the_hash()
    {
        using var clip = Clip(0, "aabbaadd");
        _tokens.Align(clip.Time);
        _tokens.Keep(0, 7, [1, 2]);
        Assert.True(_tokens.TryFind(7, clip, 4, out _)); // the same pixels in other memory
        Assert.False(_tokens.TryFind(7, clip, 2, out _)); // another picture with the same hash
        Assert.False(_tokens.TryGet(0, out _)); // neither is trusted any more

        _tokens.Keep(2, 7, [3, 4]);
        Assert.True(_tokens.TryGet(2, out var known));
        Assert.Equal([3, 4], known.Tokens.ToArray());
    }

    [Fact]
    public void As_many_tubelets_are_kept_as_a_window_has_frames_and_the_one_that_is_longest_without_use_goes()
    {
        using var clip = Clip(1000, "........");
        _tokens.Align(clip.Time);
        for (var i = 0; i < Length; i++)
        {
            _tokens.Keep(2 * i, (UInt128)(i + 1), [i, i]);
        }

        Assert.True(_tokens.TryFind(1, clip, 0, out _)); // used again
        _tokens.Keep(2 * Length, 100, [9, 9]);

        Assert.Equal(Length, _tokens.Count);
        Assert.True(_tokens.TryFind(1, clip, 0, out _));
        Assert.False(_tokens.TryFind(2, clip, 2, out _));
        Assert.False(_tokens.TryGet(2, out _)); // its memory has other tokens now
        Assert.True(_tokens.TryFind(100, clip, 4, out var newest));
        Assert.Equal([9, 9], newest.Tokens.ToArray());
    }

    [Fact]
    public void What_has_no_fingerprint_is_not_found_by_its_pixels()
    {
        using var clip = Clip(0, "aabbccdd");
        _tokens.Align(clip.Time);
        _tokens.Keep(0, 0, [1, 2]);
        Assert.False(_tokens.TryFind(0, clip, 4, out _));
        Assert.NotEqual(_tokens.Keep(2, 0, [1, 2]).Id, _tokens.Keep(4, 0, [1, 2]).Id);
    }

    [Fact]
    public void A_map_that_comes_later_is_added_and_leaves_the_tokens_that_answers_were_made_of()
    {
        using var clip = Clip(0, "aabbccdd");
        _tokens.Align(clip.Time);
        var id = _tokens.Keep(0, 7, [1, 2]).Id;
        var known = _tokens.Keep(0, 7, [1.5f, 2.5f], [0.4f, 0.6f]);

        Assert.Equal(id, known.Id);
        Assert.Equal([1, 2], known.Tokens.ToArray());
        Assert.Equal([0.4f, 0.6f], known.Map.ToArray());
    }

    [Fact]
    public void The_last_answer_is_for_the_same_tubelets_in_the_same_order_alone()
    {
        Assert.False(_tokens.TryAnswer([0, 0, 0, 0], out _)); // none yet
        _tokens.Answered([1, 1, 2, 1], [0.5f, -3]);
        Assert.True(_tokens.TryAnswer([1, 1, 2, 1], out var answer));
        Assert.Equal([0.5f, -3], answer.ToArray());
        Assert.False(_tokens.TryAnswer([1, 2, 1, 1], out _));

        _tokens.Answered([1, 2, 1, 1], [4, 4]);
        Assert.False(_tokens.TryAnswer([1, 1, 2, 1], out _));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void An_answer_that_is_no_number_is_forgotten_with_the_tokens_it_was_made_of(float broken)
    {
        using var clip = Clip(0, "aaaaaaaa");
        _tokens.Align(clip.Time);
        var id = _tokens.Keep(0, 7, [broken, 2]).Id;
        _tokens.Answered([id, id, id, id], [1, broken]);

        Assert.False(_tokens.TryAnswer([id, id, id, id], out _));
        Assert.False(_tokens.TryGet(0, out _));
        Assert.False(_tokens.TryFind(7, clip, 2, out _));
        Assert.NotEqual(id, _tokens.Keep(2, 7, [1, 2]).Id);
    }

    [Fact]
    public void A_stream_that_was_forgotten_knows_no_pixels_and_no_answer()
    {
        var cache = new TokenCache(Length, Tubelet, numbers: 2);
        using var clip = Clip(0, "aabbccdd");
        cache.Of("front").Align(clip.Time);
        cache.Of("front").Keep(0, 7, [1, 2]);
        cache.Of("front").Answered([1, 1, 1, 1], [1, 2]);
        cache.Of("yard").Align(clip.Time);
        Assert.False(cache.Of("yard").TryFind(7, clip, 2, out _)); // nor do streams know each other's
        cache.Forget("front");

        Assert.Equal(0, cache.Of("front").Count);
        Assert.False(cache.Of("front").TryFind(7, clip, 2, out _) || cache.Of("front").TryAnswer([1, 1, 1, 1], out _));
    }

    public void Dispose()
    {
        Assert.Equal(0, _pool.InUse);
        _pool.Dispose();
    }

    // A letter is a picture; each frame has memory of its own.
    private Clip Clip(long start, string pictures, int epoch = 0, int segment = 0) => new(
        "front", new ClipTime(epoch, segment, start, default, default, default, 0, 0), default, Size,
        [.. pictures.Select(picture =>
        {
            var frame = _pool.Rent(Size.Bytes);
            frame.Span.Fill((byte)picture);
            return frame;
        })]);
}
