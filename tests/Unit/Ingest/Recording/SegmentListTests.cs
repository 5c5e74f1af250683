using System.Globalization;
using ActionStream.Core.Media;
using ActionStream.Ingest.Recording;

namespace ActionStream.Unit.Ingest.Recording;

public sealed class SegmentListTests
{
    private static TimeSpan S(double seconds) => TimeSpan.FromSeconds(seconds);

    [Fact]
    public void For_every_ring_and_every_span_exactly_the_overlapping_pieces_are_taken_and_whole_means_no_picture_is_missing()
    {
        var chance = new Random(7);
        for (var round = 0; round < 3000; round++)
        {
            var pieces = Ring(chance);
            var from = S((chance.NextDouble() * 60) - 5);
            var to = from + S(0.1 + (chance.NextDouble() * 30));

            var chosen = SegmentList.Choose(pieces, from, to);

            var why = string.Create(CultureInfo.InvariantCulture, $"round {round}: {from}..{to} of {string.Join(' ', pieces)}");
            Assert.True(pieces.Where(piece => piece.End > from && piece.Start < to).SequenceEqual(chosen), why);

            // Said otherwise: each tenth of a second of the span lies in a chosen piece, give or take the tolerance.
            var isHeld = Enumerable.Range(0, (int)((to - from) / S(0.01)))
                .Select(step => from + (S(0.01) * step))
                .All(at => chosen.Any(piece => piece.Start - SegmentList.Tolerance <= at && at <= piece.End + SegmentList.Tolerance));
            var covers = SegmentList.Covers(chosen, from, to);
            Assert.True((covers is RecordingResult.Missing) == (chosen.Count == 0), why);
            Assert.True(covers is not RecordingResult.Whole || isHeld, $"{why} counts as whole");
            Assert.True(covers is not RecordingResult.Partial || chosen.Count > 0, why);
        }
    }

    [Fact]
    public void A_span_within_a_ring_without_holes_is_whole_and_reaches_back_to_a_key_frame()
    {
        var pieces = Enumerable.Range(0, 20).Select(i => new Segment($"{i:00000}.nut", S(2 * i), S(2 * (i + 1)))).ToArray();
        var chosen = SegmentList.Choose(pieces, S(7), S(21));
        Assert.Equal((S(6), S(22)), (chosen[0].Start, chosen[^1].End));
        Assert.Equal(RecordingResult.Whole, SegmentList.Covers(chosen, S(7), S(21)));
        Assert.Equal(RecordingResult.Partial, SegmentList.Covers([.. chosen.Where(piece => piece.File != "00005.nut")], S(7), S(21)));
        Assert.Equal(RecordingResult.Partial, SegmentList.Covers(SegmentList.Choose(pieces, S(35), S(45)), S(35), S(45)));
        Assert.Equal(RecordingResult.Missing, SegmentList.Covers(SegmentList.Choose(pieces, S(45), S(50)), S(45), S(50)));
    }

    [Fact]
    public void What_is_kept_is_at_least_as_long_as_asked_and_at_most_a_piece_longer()
    {
        var chance = new Random(3);
        for (var round = 0; round < 1000; round++)
        {
            var (pieces, keep) = (Ring(chance, holes: false), S(1 + (chance.NextDouble() * 20)));
            var left = pieces.Skip(SegmentList.Outdated(pieces, keep)).ToArray();
            var newest = pieces[^1].End;
            Assert.True(left[0].Start <= newest - keep || left.Length == pieces.Length, $"round {round}");
            Assert.True(left[0].End >= newest - keep, $"round {round}");
        }
    }

    // As cameras make them: pieces of 0.6 to 4 seconds, sometimes one is gone.
    private static Segment[] Ring(Random chance, bool holes = true)
    {
        var at = S(chance.NextDouble());
        var pieces = new List<Segment>();
        for (var i = 0; i < 20; i++)
        {
            var end = at + S(0.6 + (chance.NextDouble() * 3.4));
            if (!holes || chance.Next(15) > 0 || i == 0)
            {
                pieces.Add(new($"{i:00000}.nut", at, end));
            }

            at = end;
        }

        return [.. pieces];
    }
}
