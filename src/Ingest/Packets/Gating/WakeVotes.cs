using System.Collections.Concurrent;

namespace ActionStream.Ingest.Packets.Gating;

/// <summary>Who outside of a camera's own stream wants it awake: an open event, somebody who watches, a command. Asked at every
/// packet, so it costs a read. Thread-safe.</summary>
public sealed class WakeVotes
{
    private readonly ConcurrentDictionary<string, int> _votes = new(StringComparer.Ordinal);

    /// <param name="reason">One reason.</param>
    public void Set(string camera, WakeReasons reason, bool isWanted) => _votes.AddOrUpdate(
        camera, isWanted ? (int)reason : 0, (_, before) => isWanted ? before | (int)reason : before & ~(int)reason);

    /// <summary>Every reason that stands.</summary>
    public WakeReasons Of(string camera) => (WakeReasons)_votes.GetValueOrDefault(camera);

    /// <summary>The camera is gone.</summary>
    public void Forget(string camera) => _votes.TryRemove(camera, out _);
}
