namespace ActionStream.Inference.Scoring;

/// <summary>What the token cache was worth, in tubelets of windows and in whole answers.</summary>
/// <param name="Hits">Tubelets that an earlier window had at the same place of the stream.</param>
/// <param name="Repeats">Tubelets new to the stream, with the pixels of one whose tokens are known.</param>
/// <param name="Misses">Tubelets that went through the frame encoder.</param>
/// <param name="Answers">Windows that were the last one over again, tubelet by tubelet, and have its answer.</param>
public readonly record struct TokenCounts(int Hits, int Repeats, int Misses, int Answers);
