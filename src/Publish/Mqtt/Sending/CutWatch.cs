using ActionStream.Publish.Mqtt.Messages;

namespace ActionStream.Publish.Mqtt.Sending;

/// <summary>Finds the message for which the broker cuts the connection, as one beyond its packet limit makes it
/// do without a word, and keeps it from being sent again.</summary>
/// <remarks>
/// What was on its way at a cut is suspected and goes alone the next time; cut again, it is set aside. A broker that is away
/// afterwards went for reasons of its own, and nothing is suspected. Snapshots, scores and the like are judged by kind
/// and size, since the next one differs little; all others each for itself. Not thread-safe.
/// </remarks>
internal sealed class CutWatch(TimeProvider time)
{
    /// <summary>After this long what was set aside is tried once more: somebody may have raised the limit.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    private readonly Dictionary<MessageKind, KindLimits> _kinds = [];
    private IReadOnlyList<SentMessage> _onTheirWay = [];
    private long _maximum = long.MaxValue;

    /// <summary>The connection was cut while these were on their way; what follows depends on whether the broker is still there.</summary>
    /// <param name="onTheirWay">None, if it is away: then it was no message.</param>
    public void Cut(IReadOnlyList<SentMessage> onTheirWay) => _onTheirWay = onTheirWay;

    /// <summary>The broker is there. True if it is now known which message cut the last connection.</summary>
    /// <param name="maximum">The largest packet that it says it takes.</param>
    public bool Connected(long? maximum)
    {
        _maximum = maximum ?? long.MaxValue;
        var isFound = _onTheirWay is [var only] && IsSuspect(only);
        foreach (var sent in _onTheirWay)
        {
            Suspect(sent, isFound);
        }

        _onTheirWay = [];
        return isFound;
    }

    /// <summary>True for a message that has to be the only one on its way, and acknowledged.</summary>
    public bool GoesAlone(OutboundMessage message) => IsSuspect(SentMessage.Of(message));

    /// <summary>Why it must not be sent; null for one that may.</summary>
    public SetAsideReason? ReasonAgainst(OutboundMessage message)
    {
        if (_maximum < long.MaxValue && message.PacketSize > _maximum)
        {
            return SetAsideReason.TooLarge;
        }

        var (size, since) = IsByKind(message.Kind)
            ? _kinds.TryGetValue(message.Kind, out var kind) ? (kind.NotFrom, kind.NotSince) : (long.MaxValue, null)
            : (0, message.SetAsideSince);
        return since is { } from && message.Size >= size && time.GetElapsedTime(from) < Pause ? SetAsideReason.Cut : null;
    }

    /// <summary>The broker has it.</summary>
    public void Delivered(OutboundMessage message)
    {
        message.IsSuspect = false;
        if (_kinds.TryGetValue(message.Kind, out var kind) && message.Size >= kind.AloneFrom)
        {
            kind.AloneFrom = message.Size + 1;
        }
    }

    private static bool IsByKind(MessageKind kind) => kind is MessageKind.Snapshot or > MessageKind.Event;

    private bool IsSuspect(SentMessage sent) => IsByKind(sent.Kind)
        ? _kinds.TryGetValue(sent.Kind, out var kind) && sent.Size >= kind.AloneFrom
        : sent.Message is { IsSuspect: true };

    private void Suspect(SentMessage sent, bool isFound)
    {
        if (sent.Message is { } message && !IsByKind(sent.Kind))
        {
            message.IsSuspect = true;
            message.SetAsideSince = isFound ? time.GetTimestamp() : null;
            return;
        }

        if (!_kinds.TryGetValue(sent.Kind, out var kind))
        {
            _kinds[sent.Kind] = kind = new();
        }

        kind.AloneFrom = Math.Min(kind.AloneFrom, sent.Size);
        if (isFound)
        {
            (kind.NotFrom, kind.NotSince) = (sent.Size, time.GetTimestamp());
        }
    }

    private sealed class KindLimits
    {
        public long AloneFrom { get; set; } = long.MaxValue;

        public long NotFrom { get; set; }

        public long? NotSince { get; set; }
    }
}
