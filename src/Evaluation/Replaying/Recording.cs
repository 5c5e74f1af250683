namespace ActionStream.Evaluation.Replaying;

/// <summary>What became of one recording.</summary>
/// <param name="Length">As long as its frames, thinned to the model's rate, were on the screen.</param>
/// <param name="Frames">Frames read, after thinning.</param>
/// <param name="Clips">Windows that went through the model.</param>
/// <param name="IsPadded">It was shorter than a window, and its last frame was held until one was full.</param>
/// <param name="Skipped">Windows that never reached the model, or got no answer, by reason.</param>
internal sealed record Recording(TimeSpan Length, long Frames, long Clips, bool IsPadded, IReadOnlyDictionary<string, long> Skipped);
