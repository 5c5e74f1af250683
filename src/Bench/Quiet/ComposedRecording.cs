namespace ActionStream.Bench.Quiet;

/// <summary>A recording on disk, and what is known of it because it was made.</summary>
/// <param name="File">NUT, so that its packets are read as a camera's are.</param>
/// <param name="What">Who acts.</param>
/// <param name="Action">When the actor begins, by the plan.</param>
/// <param name="Moved">The first frame that the actor changes by more than noise and light do; null if none does.</param>
internal sealed record ComposedRecording(RecordingPlan Plan, string File, string What, TimeSpan Action, TimeSpan? Moved, TimeSpan Length);
