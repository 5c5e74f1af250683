using ActionStream.Core.Media;

namespace ActionStream.Core.Results;

/// <summary>A camera that is asleep is there: the one frame in a while that was decoded of it.</summary>
/// <param name="Stream">The camera's key in the configuration.</param>
/// <param name="Time">When the frame was.</param>
public readonly record struct Heartbeat(string Stream, FrameTime Time);
