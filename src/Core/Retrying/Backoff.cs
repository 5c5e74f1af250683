namespace ActionStream.Core.Retrying;

/// <summary>How long to wait before the next try: quick at first, so that what restarted is back at once, then ever slower.</summary>
/// <remarks>Spread by chance, so that many cameras or nodes do not return in step.</remarks>
public sealed record Backoff
{
    public TimeSpan First { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Longest delay while the failures are younger than <see cref="Patience"/>.</summary>
    public TimeSpan EarlyCeiling { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long failures may go on before delays grow past the first ceiling: a camera's reboot takes about a minute.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    public TimeSpan Ceiling { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Shortest delay after a refused password: cameras lock out who tries too often.</summary>
    public TimeSpan AuthFloor { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Share of the delay that chance may take away, 0 to 1.</summary>
    public double Spread { get; init; } = 0.3;

    /// <summary>A connection that lasted this long was good; the count starts afresh.</summary>
    public TimeSpan HealthyAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <param name="attempt">Failures in a row, from 1.</param>
    /// <param name="failingFor">Time since the first of them.</param>
    /// <param name="roll">A number in [0, 1).</param>
    /// <param name="isLasting">The last one failed for what no quick try mends: a refused password, frames that are too large.</param>
    public TimeSpan Delay(int attempt, TimeSpan failingFor, double roll, bool isLasting = false)
    {
        var ceiling = failingFor < Patience ? EarlyCeiling : Ceiling;
        var doubled = First.TotalSeconds * Math.Pow(2, Math.Min(attempt - 1, 30));
        var delay = TimeSpan.FromSeconds(Math.Min(doubled, ceiling.TotalSeconds) * (1 - Spread * roll));

        // The floor is spread upwards: below it a camera may lock us out.
        var patient = isLasting ? AuthFloor * (1 + Spread * roll) : TimeSpan.Zero;
        return delay > patient ? delay : patient;
    }
}
