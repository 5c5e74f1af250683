namespace ActionStream.Bench.Gpu;

/// <summary>The arithmetic between what a clock says and what is told about a GPU.</summary>
internal static class GpuFigures
{
    /// <summary>Decisions of one camera: a hop of a tubelet, two frames 125 ms apart.</summary>
    public const double DecisionsPerCamera = 4;

    /// <summary>10^12 operations a second; a multiply-accumulate is two, in models and in the roofline alike.</summary>
    public static double Teraflops(double macs, double perSecond) => 2 * macs * perSecond / 1e12;

    /// <summary>How much of the shorter of copying and computing disappears behind the other: 0 if they
    /// follow each other, 1 if it costs nothing.</summary>
    /// <remarks>Clamped: two workers also fill gaps between kernels, which is more than hiding copies; and a busy machine
    /// can make them slower than turns.</remarks>
    public static double Overlap(double copy, double compute, double together)
    {
        var shorter = Math.Min(copy, compute);
        return shorter > 0 ? Math.Clamp((copy + compute - together) / shorter, 0, 1) : 0;
    }

    /// <summary>Decisions a second where each needs one row of the frame encoder and one of the temporal head, one
    /// after the other on the same device.</summary>
    public static double Decisions(double tubeletsPerS, double headsPerS) => 1 / ((1 / tubeletsPerS) + (1 / headsPerS));

    /// <summary>Whole cameras that so many decisions a second are enough for.</summary>
    public static int Cameras(double decisionsPerS) => (int)Math.Floor(decisionsPerS / DecisionsPerCamera);

    /// <summary>How far two lists of logits of some clips lie apart, and in what they lead to.</summary>
    /// <param name="classes">Logits of one clip.</param>
    public static (double Logit, double Probability, double Top1) Difference(
        ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, int classes)
    {
        var (logit, probability, agreed) = (0.0, 0.0, 0);
        var clips = expected.Length / classes;
        for (var clip = 0; clip < clips; clip++)
        {
            var ours = actual.Slice(clip * classes, classes);
            var theirs = expected.Slice(clip * classes, classes);
            var (p, q) = (Softmax(ours), Softmax(theirs));
            for (var k = 0; k < classes; k++)
            {
                logit = Larger(logit, Math.Abs(ours[k] - theirs[k]));
                probability = Larger(probability, Math.Abs(p[k] - q[k]));
            }

            agreed += Array.IndexOf(p, p.Max()) == Array.IndexOf(q, q.Max()) ? 1 : 0;
        }

        return (logit, probability, (double)agreed / clips);
    }

    // What is not a number is the worst of all, and must not vanish in a maximum.
    private static double Larger(double worst, double next) =>
        double.IsNaN(next) || double.IsNaN(worst) ? double.NaN : Math.Max(worst, next);

    // Not the engine's, which is float32: its rounding would be part of the difference.
    private static double[] Softmax(ReadOnlySpan<float> logits)
    {
        var largest = double.NegativeInfinity;
        foreach (var logit in logits)
        {
            largest = Math.Max(largest, logit);
        }

        var shares = new double[logits.Length];
        var sum = 0.0;
        for (var i = 0; i < shares.Length; i++)
        {
            sum += shares[i] = Math.Exp(logits[i] - largest);
        }

        for (var i = 0; i < shares.Length; i++)
        {
            shares[i] /= sum;
        }

        return shares;
    }
}
