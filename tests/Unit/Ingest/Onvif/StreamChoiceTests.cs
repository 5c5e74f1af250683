using ActionStream.Core.Media;
using ActionStream.Ingest.Onvif;
using ActionStream.Ingest.Sources;

namespace ActionStream.Unit.Ingest.Onvif;

public sealed class StreamChoiceTests
{
    private static readonly FrameSize Model = new(224, 224);
    private static readonly TimeSpan EightAnd = TimeSpan.FromMilliseconds(125);

    private static readonly OnvifProfile Main = Stream("main", 1280, 720, 25);
    private static readonly OnvifProfile Sub = Stream("sub", 640, 360, 15);
    private static readonly OnvifProfile Tiny = Stream("tiny", 320, 180, 15);

    [Fact]
    public void The_smallest_that_covers_the_models_shorter_side_is_taken() =>
        Assert.Equal(new StreamChoice(Sub, null), StreamChoice.Of([Main, Sub, Tiny], Model, EightAnd));

    [Fact]
    public void A_smaller_model_takes_a_smaller_stream() =>
        Assert.Equal(Tiny, StreamChoice.Of([Main, Sub, Tiny], new(112, 112), EightAnd)!.Profile);

    [Fact]
    public void A_crop_needs_more_because_only_the_crop_is_looked_at()
    {
        var half = new CropArea { Width = 0.5, Height = 0.5 };
        Assert.Equal(Main, StreamChoice.Of([Main, Sub], Model, EightAnd, half)!.Profile);
        Assert.Equal(Sub, StreamChoice.Of([Main, Sub], Model, EightAnd, new CropArea { Width = 0.5 })!.Profile); // 320x360
    }

    [Fact]
    public void A_stream_slower_than_the_model_is_not_taken_and_one_a_little_slower_is()
    {
        Assert.Equal(Main, StreamChoice.Of([Main, Sub with { Fps = 5 }], Model, EightAnd)!.Profile);
        Assert.Equal(Sub with { Fps = 7.7 }, StreamChoice.Of([Main, Sub with { Fps = 7.7 }], Model, EightAnd)!.Profile);
    }

    [Fact]
    public void A_rate_that_is_not_told_is_believed_to_be_enough() =>
        Assert.Equal(Sub with { Fps = null }, StreamChoice.Of([Main, Sub with { Fps = null }], Model, EightAnd)!.Profile);

    [Fact]
    public void Of_two_alike_the_codec_that_is_easier_to_decode_is_taken() =>
        Assert.Equal(Sub, StreamChoice.Of([Sub with { Codec = "hevc" }, Sub], Model, EightAnd)!.Profile);

    [Fact]
    public void A_slow_large_stream_costs_less_than_a_fast_one_of_the_same_size() =>
        Assert.Equal(Sub with { Fps = 10 }, StreamChoice.Of([Sub, Sub with { Fps = 10 }], Model, EightAnd)!.Profile);

    [Fact]
    public void Where_none_is_large_enough_the_largest_is_taken_and_said() =>
        Assert.Equal(new StreamChoice(Sub, "size"), StreamChoice.Of([Tiny, Sub], new(512, 512), EightAnd));

    [Fact]
    public void Where_all_large_ones_are_too_slow_rate_goes_before_size()
    {
        Assert.Equal(new StreamChoice(Tiny, "size"), StreamChoice.Of([Main with { Fps = 2 }, Tiny], Model, EightAnd));
        Assert.Equal(
            new StreamChoice(Main with { Fps = 2 }, "rate"), StreamChoice.Of([Main with { Fps = 2 }, Tiny with { Fps = 1 }], Model, EightAnd));
    }

    [Fact]
    public void A_codec_that_nobody_knows_is_the_last_resort()
    {
        Assert.Equal(Main, StreamChoice.Of([Main, Sub with { Codec = "av9" }], Model, EightAnd)!.Profile);
        Assert.Equal("av9", StreamChoice.Of([Sub with { Codec = "av9" }], Model, EightAnd)!.Profile.Codec);
        Assert.Null(StreamChoice.Of([], Model, EightAnd));
    }

    private static OnvifProfile Stream(string token, int width, int height, double fps) =>
        new(token, token, "lens0", "h264", new(width, height), fps, null, $"rtsp://cam/{token}");
}
