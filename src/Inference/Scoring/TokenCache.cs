using System.Collections.Concurrent;
using ActionStream.Core.Media;

namespace ActionStream.Inference.Scoring;

/// <summary>Keeps the tokens of each stream's last tubelets, so that overlapping windows share them: a decision costs one
/// tubelet's encoder, not a clip's.</summary>
/// <remarks>
/// Exact, not approximate: the frame encoder sees nothing outside its tubelet, so equal pixels give equal tokens. Conditions
/// and costs: streaming.md C1 to C9 of the specifications; docs/decisions/0010.
/// </remarks>
/// <param name="length">T, frames per window.</param>
/// <param name="tubelet">τ, frames per tubelet.</param>
/// <param name="numbers">S·D, numbers per tubelet.</param>
internal sealed class TokenCache(int length, int tubelet, int numbers)
{
    private readonly ConcurrentDictionary<string, StreamTokens> _streams = new(StringComparer.Ordinal);

    /// <summary>Tubelets per window, T/τ.</summary>
    public int Steps { get; } = length / tubelet;

    /// <summary>The tokens of a stream. Only one window of a stream is worked on at a time, so its tokens need no lock.</summary>
    public StreamTokens Of(string stream) =>
        _streams.TryGetValue(stream, out var tokens)
            ? tokens
            : _streams.GetOrAdd(stream, new StreamTokens(length, tubelet, numbers));

    /// <summary>Drops a stream's tokens. None of its windows may be under way: the connections of its next life count from anew.</summary>
    public void Forget(string stream) => _streams.TryRemove(stream, out _);

    /// <summary>How many tubelets of a clip would have to be computed.</summary>
    public int MissingOf(Clip clip) => _streams.TryGetValue(clip.Stream, out var tokens) ? tokens.MissingOf(clip.Time) : Steps;
}
