namespace ActionStream.Host.History;

/// <summary>Which events are wanted, latest first.</summary>
/// <param name="Camera">Of one camera; null for all.</param>
/// <param name="From">Begun then or later.</param>
/// <param name="To">Begun before.</param>
/// <param name="NearMisses">Near misses in place of events.</param>
/// <param name="After">Where the page before ended.</param>
internal sealed record HistoryQuery(
    string? Camera = null, string? Label = null, DateTimeOffset? From = null, DateTimeOffset? To = null, bool NearMisses = false,
    HistoryCursor? After = null, int Limit = 100)
{
    /// <summary>Events in one page at most.</summary>
    public const int MostAtOnce = 1000;
}
