using ActionStream.Ingest.Decoding;

namespace ActionStream.Unit.Ingest.Decoding;

public sealed class FedPicturesTests
{
    private readonly FedPictures _fed = new();

    [Fact]
    public void A_frame_finds_its_picture_though_pictures_go_in_in_another_order()
    {
        Feed(0, 3, 1, 2, 6, 4, 5);

        Assert.Equal([0, 1, 2, 3, 4, 5, 6], Enumerable.Range(0, 7).Select(at => Take(at)));
    }

    [Fact]
    public void What_is_shown_before_a_frame_has_been_passed_over()
    {
        Feed(0, 3, 1, 2);

        Assert.Equal(2, Take(2));
        Assert.Null(Take(1));
        Assert.Equal(3, Take(3));
    }

    [Fact]
    public void A_time_that_nobody_fed_finds_nothing_and_takes_nothing_that_comes_later()
    {
        Feed(0, 2);

        Assert.Null(_fed.Take(TimeSpan.FromSeconds(1.5)));
        Assert.Equal(2, Take(2));
        Assert.Null(Take(2));
    }

    [Fact]
    public void Pictures_that_never_come_out_are_forgotten_before_there_are_many()
    {
        Feed([.. Enumerable.Range(0, 100_000)]);

        Assert.Null(Take(90_000));
        Assert.Equal(99_999, Take(99_999));
    }

    [Fact]
    public void A_new_decoder_knows_none_of_the_pictures_of_the_old()
    {
        Feed(0, 1);
        _fed.Clear();

        Assert.Null(Take(1));
    }

    private void Feed(params int[] seconds)
    {
        foreach (var at in seconds)
        {
            _fed.Add(TimeSpan.FromSeconds(at), new(TimeSpan.FromSeconds(at), 0, new(0), 0));
        }
    }

    private double? Take(int seconds) => _fed.Take(TimeSpan.FromSeconds(seconds))?.Presentation.TotalSeconds;
}
