namespace ActionStream.Bench.Cameras;

/// <summary>What the simulated cameras have done: whether they kept up.</summary>
/// <param name="Skipped">Frames that were left out because the viewer was slow.</param>
internal readonly record struct CameraCounts(int Viewers, long Sent, long Skipped);
