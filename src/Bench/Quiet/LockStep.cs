using ActionStream.Bench.Reporting;
using ActionStream.Core.Media;
using ActionStream.Ingest.Packets.Gating;

namespace ActionStream.Bench.Quiet;

/// <summary>Holds each packet of a recording up until the frames that a live camera would have shown by then have been seen and decided on,
/// and shows its gate no later ones: however fast a machine decodes, the gate decides what it would before a camera.</summary>
/// <remarks>Frames come on another thread than packets.</remarks>
/// <param name="gate">Decides; only ever on the packets' thread.</param>
/// <param name="delay">Pictures that the decoder holds back to put them in order.</param>
/// <param name="track">Gets what the gate says.</param>
internal sealed class LockStep(IGate gate, FrameOrder order, int delay, SleepTrack track) : IGate
{
    /// <summary>No decoder that works takes so long for one frame.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly object _lock = new();
    private readonly Queue<SeenFrame> _seen = new();
    private readonly Queue<(SeenFrame Frame, bool HasOpenEvent)> _done = new();
    private TimeSpan _latest = TimeSpan.MinValue;
    private TimeSpan? _awaitedBeat;
    private bool _wasDecodedAsleep;
    private bool _isAwake = true;
    private bool _isStopped;
    private WakeReasons _vote;

    public GateStep Take(in CodedPicture picture, WakeReasons votes)
    {
        Await(_isAwake ? order.LatestDue(track.Packets, delay) : null);
        var step = gate.Take(picture, votes | _vote);
        track.Note(step, picture.Presentation);
        lock (_lock)
        {
            _awaitedBeat = step.IsHeartbeat ? picture.Presentation : null;
            if (step.IsHeartbeat)
            {
                _wasDecodedAsleep = true;
            }
            else if (step.IsAwake && !_isAwake && _wasDecodedAsleep)
            {
                // It goes back: what came before the sleep says nothing of what comes now.
                (_latest, _wasDecodedAsleep) = (TimeSpan.MinValue, false);
            }
        }

        _isAwake = step.IsAwake;
        return step;
    }

    public void Look(ReadOnlySpan<byte> pixels, FrameSize size, TimeSpan presentation, bool isHeartbeat)
    {
        lock (_lock)
        {
            _seen.Enqueue(new(presentation, isHeartbeat, size, pixels.ToArray()));
        }
    }

    /// <summary>The oldest frame that was seen has been decided on.</summary>
    /// <param name="hasOpenEvent">An event is open, and wants the camera awake.</param>
    public void Decided(bool hasOpenEvent)
    {
        lock (_lock)
        {
            var frame = _seen.Dequeue();
            _done.Enqueue((frame, hasOpenEvent));
            if (!frame.IsHeartbeat)
            {
                _latest = frame.Presentation;
            }
            else if (frame.Presentation == _awaitedBeat)
            {
                _awaitedBeat = null;
            }

            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>No frame will come any more.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _isStopped = true;
            Monitor.PulseAll(_lock);
        }
    }

    private void Await(TimeSpan? due)
    {
        lock (_lock)
        {
            var afterBeat = _awaitedBeat is not null;
            while (!_isStopped && (_awaitedBeat is not null || _latest < due))
            {
                if (!Monitor.Wait(_lock, Patience))
                {
                    throw new BenchException(
                        $"after packet {track.Packets} no frame of {_awaitedBeat ?? due} came in {Patience.TotalSeconds} s; "
                        + $"the last was of {_latest}");
                }
            }

            while (_done.TryPeek(out var next) && (afterBeat || next.Frame.Presentation <= due))
            {
                var (frame, hasOpenEvent) = _done.Dequeue();
                gate.Look(frame.Pixels, frame.Size, frame.Presentation, frame.IsHeartbeat);
                _vote = hasOpenEvent ? WakeReasons.Event : WakeReasons.None;
            }
        }
    }

    private sealed record SeenFrame(TimeSpan Presentation, bool IsHeartbeat, FrameSize Size, byte[] Pixels);
}
