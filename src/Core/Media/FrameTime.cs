namespace ActionStream.Core.Media;

/// <summary>When a frame is, twice: its place in the stream (orders frames) and its arrival on our clock (tells its age).</summary>
/// <param name="Epoch">The unbroken connection it came from; presentation times of two epochs cannot be compared.</param>
/// <param name="Presentation">Position in the stream since the epoch began.</param>
/// <param name="ArrivedAt">Time stamp of the pipeline's <see cref="TimeProvider"/> when its last byte was read.</param>
public readonly record struct FrameTime(int Epoch, TimeSpan Presentation, long ArrivedAt);
