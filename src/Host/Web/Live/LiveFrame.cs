namespace ActionStream.Host.Web.Live;

/// <summary>One frame as browsers get it, made once for all who look.</summary>
/// <param name="Number">Counts the camera's frames while somebody looks.</param>
/// <param name="At">When it was read from the camera.</param>
/// <param name="Attention">What TokenLearner looked at in it, if somebody wants to know.</param>
internal sealed record LiveFrame(long Number, DateTimeOffset At, ReadOnlyMemory<byte> Jpeg, Attention? Attention);

/// <summary>Where the model's tokens look: one map per token, as bytes whose largest is 255.</summary>
/// <param name="Values">[S, h, w]</param>
internal sealed record Attention(int Tokens, int Height, int Width, ReadOnlyMemory<byte> Values);
