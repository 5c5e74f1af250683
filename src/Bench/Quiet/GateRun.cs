using ActionStream.Core.Media;
using ActionStream.Ingest.Packets.Gating;

namespace ActionStream.Bench.Quiet;

/// <summary>A time awake: which packets are decoded, and which frames count.</summary>
/// <param name="First">Packet at which decoding begins, a clean start.</param>
/// <param name="Last">Packet with which it fell asleep.</param>
/// <param name="WokenAt">Place of the packet that woke it.</param>
/// <param name="Since">As the gate says.</param>
internal sealed record AwakeSpan(int First, int Last, TimeSpan WokenAt, TimeSpan Since, WakeReasons Reasons);

/// <summary>Puts the packets of one recording to a gate, as a camera would be, and notes when it was awake.</summary>
internal sealed class GateRun(
    CodedRecording recording, IReadOnlyList<DecodedFrame> frames, FrameSize size, TimeSpan interval, TimeSpan reach)
{
    private readonly Dictionary<TimeSpan, int> _frameAt = frames.Select((frame, index) => (frame.Presentation, index))
        .GroupBy(pair => pair.Presentation).ToDictionary(group => group.Key, group => group.First().index);
    private readonly List<AwakeSpan> _spans = [];
    private readonly SortedSet<TimeSpan> _decoding = [];

    /// <summary>The times awake, in order; the first from the start.</summary>
    public IReadOnlyList<AwakeSpan> Spans => _spans;

    /// <summary>Key pictures that were decoded while asleep.</summary>
    public int Heartbeats { get; private set; }

    /// <summary>Time asleep between two places.</summary>
    public TimeSpan Asleep(TimeSpan from, TimeSpan to)
    {
        var awake = TimeSpan.Zero;
        foreach (var span in _spans)
        {
            var (begin, end) = (Max(from, span.WokenAt), Min(to, recording[span.Last].Presentation));
            awake += end > begin ? end - begin : TimeSpan.Zero;
        }

        return Max(TimeSpan.Zero, to - from - awake);
    }

    public void Run(PacketGate gate)
    {
        (int First, TimeSpan WokenAt, TimeSpan Since, WakeReasons Reasons)? awake = (0, TimeSpan.Zero, TimeSpan.Zero, WakeReasons.Learning);
        var sampled = TimeSpan.MinValue;
        for (var i = 0; i < recording.Count; i++)
        {
            var coded = recording[i];
            var step = gate.Take(coded, WakeReasons.None);
            if (step.IsAwake)
            {
                if (awake is null)
                {
                    var since = step.Since ?? coded.Presentation;
                    awake = (CleanStart(since - reach, i), coded.Presentation, since, step.Reasons);
                    _decoding.Clear();
                }
                else
                {
                    awake = awake.Value with { Reasons = awake.Value.Reasons | step.Reasons };
                }

                // Out of a decoder come the earliest of those that went in, as many later as it holds back.
                _decoding.Add(coded.Presentation);
                while (_decoding.Count > recording.Stream.DecodeDelay)
                {
                    var presentation = _decoding.Min;
                    _decoding.Remove(presentation);
                    if (presentation >= sampled + interval - (interval / 4) && _frameAt.TryGetValue(presentation, out var frame))
                    {
                        sampled = presentation;
                        gate.Look(frames[frame].Pixels.Span[..size.Bytes], size, presentation, isHeartbeat: false);
                    }
                }

                continue;
            }

            if (awake is { } ended)
            {
                _spans.Add(new(ended.First, i, ended.WokenAt, ended.Since, ended.Reasons));
                awake = null;
            }

            if (step.IsHeartbeat && _frameAt.TryGetValue(coded.Presentation, out var heartbeat))
            {
                Heartbeats++;
                gate.Look(frames[heartbeat].Pixels.Span[..size.Bytes], size, coded.Presentation, isHeartbeat: true);
            }
        }

        if (awake is { } open)
        {
            _spans.Add(new(open.First, recording.Count - 1, open.WokenAt, open.Since, open.Reasons));
        }
    }

    private int CleanStart(TimeSpan latest, int before)
    {
        for (var i = before; i > 0; i--)
        {
            if (recording[i].Picture is { IsCleanStart: true } && recording[i].Presentation <= latest)
            {
                return i;
            }
        }

        return 0;
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
