namespace ActionStream.Publish.Events;

/// <summary>What came close to beginning an event and did not: the first place to look when one is missing.</summary>
/// <param name="Id">Made as an event's, with an n at its end.</param>
/// <param name="TopScore">Highest smoothed score; at or past the threshold if it did not last long enough.</param>
/// <param name="PeakWindow">The window that brought it.</param>
/// <param name="Enter">The threshold it would have had to reach, and hold.</param>
public sealed record NearMiss(
    string Stream, string Id, string Label, DateTimeOffset Start, DateTimeOffset End, double TopScore, DateTimeOffset PeakAt,
    long PeakWindow, double Enter);
