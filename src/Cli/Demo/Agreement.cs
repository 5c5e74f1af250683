using ActionStream.Publish.Events;

namespace ActionStream.Cli.Demo;

/// <summary>A detection beside the truth at its window's centre.</summary>
/// <param name="Position">Seconds into the clip.</param>
/// <param name="GroundTruth">Null where nobody knows.</param>
internal sealed record Moment(double Position, string? GroundTruth, Decision Decision)
{
    /// <summary>The leading label after smoothing.</summary>
    public LabelScore Top => Decision.TopK[0];

    public bool Agrees => Top.Label == GroundTruth;
}

/// <summary>Holds the demo's detections against the truth, second by second.</summary>
/// <remarks>
/// A window speaks for its centre: second s is judged by the detection whose window's centre lies in it, of several the one
/// nearest to s + ½, and by what is true at s + ½. Smoothing comes on top, so a change is seen late, and that counts.
/// </remarks>
internal sealed class Agreement(GroundTruth truth)
{
    private double _second;
    private double _centre;
    private Decision? _nearest;

    /// <summary>Seconds of which both the truth and a detection are known.</summary>
    public int Judged { get; private set; }

    /// <summary>Of these, seconds in which the two are equal.</summary>
    public int Agreed { get; private set; }

    /// <summary>Null before anything was judged.</summary>
    public double? Share => Judged == 0 ? null : (double)Agreed / Judged;

    /// <summary>What is true at the centre of a window.</summary>
    public Moment Look(Decision decision) => MomentAt(CentreOf(decision), decision);

    /// <summary>Takes the next detection; gives the second before it, where that is over.</summary>
    public Moment? Take(Decision decision)
    {
        var centre = CentreOf(decision);
        var over = Math.Floor(centre) > _second ? Finish() : null;
        if (_nearest is null || Math.Abs(centre - _second - 0.5) < Math.Abs(_centre - _second - 0.5))
        {
            (_second, _centre, _nearest) = (Math.Floor(centre), centre, decision);
        }

        return over;
    }

    /// <summary>Judges the second at hand; null if there is none.</summary>
    public Moment? Finish()
    {
        if (_nearest is not { } decision)
        {
            return null;
        }

        _nearest = null;
        var moment = MomentAt(_second + 0.5, decision);
        Judged += moment.GroundTruth is null ? 0 : 1;
        Agreed += moment.Agrees ? 1 : 0;
        return moment;
    }

    private Moment MomentAt(double played, Decision decision) => new(truth.Position(played), truth.At(played), decision);

    // Seconds since the clip first began, by its own time: on a busy machine the first windows may be missing.
    private static double CentreOf(Decision decision) => (decision.Presentation - (decision.End - decision.Start) / 2).TotalSeconds;
}
