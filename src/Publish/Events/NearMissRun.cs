namespace ActionStream.Publish.Events;

/// <summary>A stretch of scores close to a threshold, on the pipeline's own time line, that no event was part of.</summary>
internal readonly record struct NearMissRun(
    TimeSpan Start, TimeSpan Last, double Top, TimeSpan TopAt, long TopWindow, double Enter);
