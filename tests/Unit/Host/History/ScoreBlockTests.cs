using ActionStream.Host.History;
using Xunit.Abstractions;

namespace ActionStream.Unit.Host.History;

public sealed class ScoreBlockTests(ITestOutputHelper output)
{
    private const long Start = 1_790_000_000_000;

    /// <summary>Two minutes of one camera as the packaged model sees it: three decisions a second, fifteen labels, mostly quiet.</summary>
    private static ScoreBlock Minutes(int labels = 15, int count = 375)
    {
        var random = new Random(3);
        var builder = new ScoreBlockBuilder(1, labels);
        for (var i = 0; i < count; i++)
        {
            var row = new byte[labels];
            for (var label = 0; label < labels; label++)
            {
                row[label] = ScoreBlock.ToByte((float)Math.Pow(random.NextDouble(), label == 14 ? 0.1 : 8));
            }

            builder.Add(Start + (i * 320) + random.Next(-3, 4), i % 100 == 0, row);
        }

        return builder.Build();
    }

    [Fact]
    public void A_block_comes_back_as_it_was()
    {
        var block = Minutes();
        var again = ScoreBlock.Decode(block.Encode(), block.At[0]);
        Assert.Equal(block.At, again.At);
        Assert.Equal(block.Begins, again.Begins);
        Assert.Equal(block.Values, again.Values);
        Assert.Equal(15, again.Labels);
    }

    [Fact]
    public void A_clock_that_was_set_back_comes_back_too()
    {
        var block = new ScoreBlock([Start, Start - 3_600_000, Start + 20], [true, false, false], [1, 2, 3]);
        Assert.Equal(block.At, ScoreBlock.Decode(block.Encode(), Start).At);
    }

    [Fact]
    public void A_score_is_kept_to_a_two_hundred_and_fiftieth()
    {
        for (var score = 0f; score <= 1; score += 0.001f)
        {
            Assert.Equal(score, ScoreBlock.ToScore(ScoreBlock.ToByte(score)), 0.5 / 255 + 1e-6);
        }

        Assert.Equal([0, 0, 255], ((float[])[float.NaN, -1, 2]).Select(score => (int)ScoreBlock.ToByte(score)));
    }

    [Fact]
    public void A_day_of_a_camera_takes_five_megabytes_at_most()
    {
        var block = Minutes();
        var bytes = block.Encode().Length * 86_400.0 / 120;
        output.WriteLine($"{bytes / 1e6:0.00} MB a day, {block.Encode().Length} bytes a block of {block.At.Length} decisions");
        Assert.InRange(bytes, 100_000, 5_500_000);
    }

    [Fact]
    public void A_damaged_block_is_told_and_never_read_as_something_else()
    {
        var block = Minutes(3, 20);
        var data = block.Encode();
        for (var length = 0; length < data.Length - 4; length++)
        {
            Assert.Throws<InvalidDataException>(() => ScoreBlock.Decode(data[..length], Start));
        }

        data[0] = 9;
        Assert.Contains("format 9", Assert.Throws<InvalidDataException>(() => ScoreBlock.Decode(data, Start)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_block_is_full_after_its_time_and_when_the_clock_was_set_back()
    {
        var builder = new ScoreBlockBuilder(1, 1);
        Assert.False(builder.IsFull(Start));
        builder.Add(Start, true, [7]);
        Assert.False(builder.IsFull(Start + 119_000));
        Assert.True(builder.IsFull(Start + 120_000));
        Assert.True(builder.IsFull(Start - 1));
    }
}
