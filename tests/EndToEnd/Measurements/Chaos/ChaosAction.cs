using System.Globalization;

namespace ActionStream.EndToEnd.Measurements.Chaos;

/// <summary>One thing that is done, to whom, when and for how long.</summary>
/// <param name="Target">The camera, where it is done to one: they are counted from 0.</param>
/// <param name="Roll">A number in [0, 1) for what else is left to chance.</param>
internal sealed record ChaosAction(TimeSpan At, TimeSpan Lasts, ChaosKind Kind, int? Target, double Roll)
{
    public TimeSpan End => At + Lasts;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{At.TotalSeconds,6:0.0} s  {Kind}{(Target is { } camera ? $" shaky{camera}" : "")} for {Lasts.TotalSeconds:0.0} s");
}
