using ActionStream.Core.Media;
using ActionStream.Ingest.Packets.Gating;

namespace ActionStream.EndToEnd.Measurements.KilledChildren;

/// <summary>Sleeps and wakes by chance: a counter in the pictures would keep an honest gate awake.</summary>
internal sealed class DrowsyGate(Random chance) : IGate
{
    private readonly List<(TimeSpan From, TimeSpan? To)> _sleeps = [];
    private bool _isAwake = true;
    private TimeSpan? _until;
    private TimeSpan? _heartbeat;

    /// <summary>From the first packet of each to the one that woke it; null while it lasts.</summary>
    public IReadOnlyList<(TimeSpan From, TimeSpan? To)> Sleeps
    {
        get
        {
            lock (_sleeps)
            {
                return [.. _sleeps];
            }
        }
    }

    public GateStep Take(in CodedPicture picture, WakeReasons votes)
    {
        var at = picture.Presentation;
        _until ??= at + Span();
        TimeSpan? since = null;
        if (at >= _until)
        {
            (_isAwake, _until, _heartbeat) = (!_isAwake, at + Span(), null);
            since = _isAwake ? at : null;
            lock (_sleeps)
            {
                if (_isAwake)
                {
                    _sleeps[^1] = (_sleeps[^1].From, at);
                }
                else
                {
                    _sleeps.Add((at, null));
                }
            }
        }

        if (_isAwake)
        {
            return new(WakeReasons.Motion, IsHeartbeat: false, since);
        }

        var beats = picture.IsKey && !(at - _heartbeat < TimeSpan.FromSeconds(2));
        _heartbeat = beats ? at : _heartbeat;
        return new(WakeReasons.None, beats, Since: null);
    }

    public void Look(ReadOnlySpan<byte> pixels, FrameSize size, TimeSpan presentation, bool isHeartbeat)
    {
    }

    // Asked before it changes. Sleeps are now and then so short that nothing was decoded meanwhile, and never so long that a decoder that
    // was stopped before is found to hang only when what it holds is gone from the ring.
    private TimeSpan Span() =>
        TimeSpan.FromSeconds(_isAwake && chance.Next(4) == 0 ? 0.3 : 1.5 + (_isAwake ? 3 : 4) * chance.NextDouble());
}
