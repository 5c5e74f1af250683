using ActionStream.Core.Media;
using ActionStream.Inference.Scoring;

namespace ActionStream.Unit.Inference.Scoring;

public sealed class TokenCacheTests
{
    /// <summary>Windows through the cache as the scorer takes them: what is missing is computed, and what is kept
    /// must be what it would compute.</summary>
    [Theory]
    [InlineData(8, 2, 1, 1)]
    [InlineData(8, 2, 2, 1)]
    [InlineData(8, 2, 3, 3)]
    [InlineData(8, 2, 4, 2)]
    [InlineData(8, 2, 8, 4)]
    [InlineData(8, 2, 13, 4)]
    [InlineData(16, 4, 6, 3)]
    [InlineData(9, 3, 2, 2)]
    public void Every_window_gets_its_own_tokens_and_a_hop_costs_as_many_tubelets_as_the_sums_say(
        int length, int tubelet, int hop, int perHop)
    {
        var cache = new TokenCache(length, tubelet, numbers: 2);
        var computed = new List<int>();
        for (var window = -3; window < 60; window++)
        {
            computed.Add(Take(cache, "front", Window(window * hop), tubelet));
        }

        // A few windows in, every phase of the hop is kept.
        Assert.All(computed.Skip(tubelet * length), count => Assert.Equal(perHop, count));
    }

    /// <summary>T tubelets are kept, by use and not by place: what that costs is compared with a cache that drops nothing.</summary>
    [Theory]
    [InlineData(8, 2)]
    [InlineData(16, 2)]
    [InlineData(16, 4)]
    [InlineData(9, 3)]
    public void No_hop_makes_a_tubelet_be_computed_twice(int length, int tubelet)
    {
        for (var hop = 1; hop <= length + 3; hop++)
        {
            var cache = new TokenCache(length, tubelet, numbers: 2);
            var (random, start, ever) = (new Random(hop), 0L, new HashSet<long>());
            for (var window = 0; window < 200; window++)
            {
                start += random.Next(9) == 0 ? 3 * hop : hop; // some windows are shed
                var expected = Enumerable.Range(0, length / tubelet).Count(step => ever.Add(start + (step * tubelet)));
                var computed = Take(cache, "front", Window(start), tubelet);
                Assert.True(expected == computed, $"hop {hop}, window {window}: {computed} computed, {expected} are new");
            }
        }
    }

    [Fact]
    public void A_tubelets_map_lies_beside_its_tokens_and_goes_with_them()
    {
        var tokens = new TokenCache(8, 2, numbers: 2).Of("front");
        tokens.Align(Window(0));
        tokens.Keep(0, 0, [1, 2]);
        tokens.Keep(2, 0, [3, 4], [0.1f, 0.2f, 0.7f]);
        Assert.True(tokens.TryGet(0, out var first));
        Assert.True(first.Map.IsEmpty); // nobody asked when it was computed
        Assert.True(tokens.TryGet(2, out var second));
        Assert.Equal([0.1f, 0.2f, 0.7f], second.Map.ToArray());

        tokens.Keep(10, 0, [5, 6]); // the same place in the ring, without a map
        Assert.True(tokens.TryGet(10, out var later));
        Assert.True(later.Map.IsEmpty && !tokens.TryGet(2, out _));
        tokens.Keep(2, 0, [3, 4], [0.1f, 0.2f, 0.7f]);
        tokens.Align(Window(2, epoch: 1));
        Assert.False(tokens.TryGet(2, out _)); // another connection shows other pictures
    }

    [Fact]
    public void Windows_that_were_shed_only_make_the_next_one_dearer()
    {
        var cache = new TokenCache(8, 2, numbers: 2);
        Assert.Equal([4, 1, 2, 4, 1], new[] { 0, 2, 6, 40, 42 }.Select(start => Take(cache, "front", Window(start), 2)));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    public void A_gap_or_another_connection_forgets_everything(int epoch, int segment)
    {
        var cache = new TokenCache(8, 2, numbers: 2);
        Take(cache, "front", Window(0), 2);

        Assert.Equal(4, Take(cache, "front", Window(2, epoch, segment), 2));
        Assert.Equal(1, Take(cache, "front", Window(4, epoch, segment), 2));
    }

    [Fact]
    public void A_stream_that_was_forgotten_begins_anew_even_where_its_connections_count_from_0_again()
    {
        var cache = new TokenCache(8, 2, numbers: 2);
        Take(cache, "front", Window(0), 2);
        Take(cache, "yard", Window(0), 2);
        Assert.Equal(0, cache.MissingOf(new Clip("front", Window(0), default, default, []))); // what a second life must not find
        cache.Forget("front");

        Assert.Equal(4, Take(cache, "front", Window(0), 2));
        Assert.Equal(1, Take(cache, "yard", Window(2), 2));
    }

    [Fact]
    public void Streams_share_nothing()
    {
        var cache = new TokenCache(8, 2, numbers: 2);
        Take(cache, "front", Window(0), 2);

        Assert.Equal(4, Take(cache, "yard", Window(0), 2));
        Assert.Equal(1, Take(cache, "front", Window(2), 2));
    }

    // A tubelet's tokens are its stream's name and index; anything else found in the cache is a wrong answer.
    private static int Take(TokenCache cache, string stream, ClipTime time, int tubelet)
    {
        var tokens = cache.Of(stream);
        var foretold = cache.MissingOf(new Clip(stream, time, default, default, []));
        tokens.Align(time);
        var computed = 0;
        for (var step = 0; step < cache.Steps; step++)
        {
            var index = time.FirstIndex + (step * tubelet);
            if (!tokens.TryGet(index, out var known))
            {
                computed++;
                tokens.Keep(index, 0, [stream.Length, index]);
                Assert.True(tokens.TryGet(index, out known));
            }

            Assert.Equal([stream.Length, index], known.Tokens.ToArray());
        }

        Assert.Equal(foretold, computed);
        return computed;
    }

    private static ClipTime Window(long start, int epoch = 0, int segment = 0) =>
        new(epoch, segment, start, default, default, default, 0, 0);
}
