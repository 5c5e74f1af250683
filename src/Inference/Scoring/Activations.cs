using ActionStream.Core.Modelling;

namespace ActionStream.Inference.Scoring;

/// <summary>Logits to scores.</summary>
internal static class Activations
{
    /// <summary>Writes the scores of one clip. False if a logit or a score is not a number, or a
    /// ready-made score is not within 0 to 1.</summary>
    public static bool TryApply(Activation activation, ReadOnlySpan<float> logits, Span<float> scores)
    {
        switch (activation)
        {
            case Activation.Softmax:
                Softmax(logits, scores);
                break;
            case Activation.Sigmoid:
                for (var i = 0; i < logits.Length; i++)
                {
                    scores[i] = 1 / (1 + MathF.Exp(-logits[i]));
                }

                break;
            default:
                logits.CopyTo(scores);
                break;
        }

        // A logit of ±∞ makes a fine sigmoid, but no sound model gives one.
        for (var i = 0; i < logits.Length; i++)
        {
            if (!float.IsFinite(logits[i]) || !(scores[i] is >= 0 and <= 1))
            {
                return false;
            }
        }

        return true;
    }

    // Less the largest, so that no exponential overflows.
    private static void Softmax(ReadOnlySpan<float> logits, Span<float> scores)
    {
        var largest = float.NegativeInfinity;
        foreach (var logit in logits)
        {
            largest = MathF.Max(largest, logit);
        }

        var sum = 0f;
        for (var i = 0; i < logits.Length; i++)
        {
            sum += scores[i] = MathF.Exp(logits[i] - largest);
        }

        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] /= sum;
        }
    }
}
