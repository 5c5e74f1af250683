namespace ActionStream.Core.Results;

/// <summary>How many of a camera's windows are shed because the machine cannot do all that is asked of it.</summary>
/// <param name="Stream">The camera's key in the configuration.</param>
/// <param name="HopMultiplier">How many times longer its hop is than configured; 1 is as configured, 0 is paused.</param>
public sealed record StreamLoad(string Stream, int HopMultiplier);
