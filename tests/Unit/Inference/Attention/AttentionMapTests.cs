using ActionStream.Inference.Attention;

namespace ActionStream.Unit.Inference.Attention;

public sealed class AttentionMapTests
{
    private static readonly float[] Sharp = [1, 0, 0, 0];
    private static readonly float[] Even = [0.25f, 0.25f, 0.25f, 0.25f];
    private static readonly float[] Half = [0, 0, 0.5f, 0.5f];

    [Fact]
    public void Sharpness_is_one_in_one_place_and_nothing_everywhere()
    {
        Assert.Equal(1, AttentionMap.Sharpness(Sharp), 9);
        Assert.Equal(0, AttentionMap.Sharpness(Even), 6);
        Assert.Equal(0.5, AttentionMap.Sharpness(Half), 6);
        Assert.Equal(0, AttentionMap.Sharpness([1]));
    }

    [Fact]
    public void A_token_that_looks_everywhere_says_nothing_and_a_sharp_one_most()
    {
        Assert.Equal(Sharp, Window([[.. Sharp, .. Even]]));
        var both = Window([[.. Sharp, .. Half]]); // 1 against an eighth
        Assert.Equal([8 / 9f, 0, 1 / 18f, 1 / 18f], both.Select(value => MathF.Round(value, 6)), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void A_window_adds_up_its_tubelets_to_one()
    {
        Assert.Equal([0.5f, 0, 0, 0.5f], Window([Sharp, [0, 0, 0, 1]]));
        Assert.Equal(Sharp, Window([Sharp, Even])); // a tubelet in which there was nothing to look at
    }

    [Fact]
    public void Where_all_look_everywhere_so_does_the_window() => Assert.Equal(Even, Window([Even, Even]));

    private static float[] Window(float[][] tubelets)
    {
        var maps = new float[tubelets.Length * 4];
        for (var i = 0; i < tubelets.Length; i++)
        {
            AttentionMap.Combine(tubelets[i], maps.AsSpan(i * 4, 4));
        }

        var window = new float[4];
        AttentionMap.Finish(maps, window);
        return window;
    }
}
