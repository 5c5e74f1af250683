namespace ActionStream.Publish.Events;

/// <summary>The rules of one class on one stream, overrides applied. See <see cref="EventOptions"/> for each.</summary>
public sealed record EventRules(
    double Enter, double Leave, TimeSpan MinDuration, TimeSpan MergeGap, TimeSpan Cooldown, TimeSpan UpdateEvery)
{
    /// <summary>A smaller change of the score than this is not worth an update.</summary>
    public const double MaterialChange = 0.05;

    /// <summary>When the class makes events; null for always.</summary>
    public Schedule? Schedule { get; init; }

    /// <summary>Zones in which the class counts; empty for anywhere.</summary>
    public IReadOnlyList<string> Zones { get; init; } = [];
}
