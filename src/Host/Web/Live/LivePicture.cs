namespace ActionStream.Host.Web.Live;

/// <summary>One picture as browsers get it, made once for all who look.</summary>
/// <param name="Number">Counts the camera's pictures while somebody looks.</param>
/// <param name="At">When it was read from the camera.</param>
/// <param name="Gaze">What TokenLearner looked at in it, if somebody wants to know.</param>
internal sealed record LivePicture(long Number, DateTimeOffset At, ReadOnlyMemory<byte> Jpeg, Gaze? Gaze);

/// <summary>Where the model's tokens look: one map per token, as bytes whose largest is 255.</summary>
/// <param name="Values">[S, h, w]</param>
internal sealed record Gaze(int Tokens, int Height, int Width, ReadOnlyMemory<byte> Values);
