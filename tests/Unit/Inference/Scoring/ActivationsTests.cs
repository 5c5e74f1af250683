using ActionStream.Core.Modelling;
using ActionStream.Inference.Scoring;

namespace ActionStream.Unit.Inference.Scoring;

public sealed class ActivationsTests
{
    [Fact]
    public void Softmax_sums_to_one_even_where_exponentials_would_overflow()
    {
        var scores = new float[3];
        Assert.True(Activations.TryApply(Activation.Softmax, [1000, 1001, 999], scores));
        Assert.Equal(1, scores.Sum(), 1e-6);
        Assert.Equal(0.66524, scores[1], 1e-4);
    }

    [Fact]
    public void Sigmoid_scores_each_label_alone()
    {
        var scores = new float[3];
        Assert.True(Activations.TryApply(Activation.Sigmoid, [0, 100, -100], scores));
        Assert.Equal([0.5f, 1f, 0f], scores.Select(score => MathF.Round(score, 4)));
    }

    [Theory]
    [InlineData(Activation.Softmax, float.NaN)]
    [InlineData(Activation.Sigmoid, float.NaN)]
    [InlineData(Activation.None, float.NaN)]
    [InlineData(Activation.Softmax, float.PositiveInfinity)]
    [InlineData(Activation.Sigmoid, float.NegativeInfinity)]
    [InlineData(Activation.None, 1.5f)]
    public void What_is_not_a_score_is_refused(Activation activation, float bad) =>
        Assert.False(Activations.TryApply(activation, [0.2f, bad, 0.1f], new float[3]));
}
