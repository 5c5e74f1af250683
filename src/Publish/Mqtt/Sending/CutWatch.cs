using ActionStream.Publish.Mqtt.Messages;

namespace ActionStream.Publish.Mqtt.Sending;

/// <summary>Finds the message for which the broker cuts the connection, as one beyond its packet limit makes it
/// do without a word, and keeps it from being sent again.</summary>
/// <remarks>
/// What was on its way at a cut is suspected and goes alone the next time; cut again, it is set aside, unless the broker has taken
/// as large a one before: then a bad line is as likely, and it is given more tries. A broker that is away afterwards went
/// for reasons of its own, and nothing is suspected. Snapshots, scores and the like are judged by kind and size, since the
/// next one differs little; all others each for itself. Not thread-safe.
/// </remarks>
internal sealed class CutWatch(TimeProvider time)
{
    /// <summary>After this long what was set aside is tried once more: somebody may have raised the limit.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    /// <summary>How often a message may be cut alone that is no larger than others.</summary>
    private const int MostTries = 4;

    private readonly Dictionary<MessageKind, KindLimits> _kinds = [];
    private IReadOnlyList<SentMessage> _onTheirWay = [];
    private long _maximum = long.MaxValue;
    private long _largestTaken;

    /// <summary>The connection was cut while these were on their way; what follows depends on whether the broker is still there.</summary>
    /// <param name="onTheirWay">None, if it is away: then it was no message.</param>
    public void Cut(IReadOnlyList<SentMessage> onTheirWay)
    {
        _onTheirWay = onTheirWay;
        if (onTheirWay.Count == 0)
        {
            _largestTaken = 0; // it may come back with another limit
        }
    }

    /// <summary>The broker is there. True if it is now known which message cut the last connection.</summary>
    /// <param name="maximum">The largest packet that it says it takes.</param>
    public bool Connected(long? maximum)
    {
        _maximum = maximum ?? long.MaxValue;
        var isFound = _onTheirWay is [var only] && IsSuspect(only) && IsLastTry(only);
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
        if (message.Qos > 0 || GoesAlone(message))
        {
            _largestTaken = Math.Max(_largestTaken, message.Size); // what was only written may never have arrived
        }

        (message.IsSuspect, message.Tries) = (false, 0);
        if (_kinds.TryGetValue(message.Kind, out var kind) && message.Size >= kind.AloneFrom)
        {
            (kind.AloneFrom, kind.Tries) = (message.Size + 1, 0);
        }
    }

    private static bool IsByKind(MessageKind kind) => kind is MessageKind.Snapshot or > MessageKind.Event;

    private bool IsSuspect(SentMessage sent) => IsByKind(sent.Kind)
        ? _kinds.TryGetValue(sent.Kind, out var kind) && sent.Size >= kind.AloneFrom
        : sent.Message is { IsSuspect: true };

    // An event is not given up for being a little longer than others.
    private bool IsLastTry(SentMessage sent)
    {
        var tries = sent.Message is { } message && !IsByKind(sent.Kind) ? ++message.Tries : ++_kinds[sent.Kind].Tries;
        return tries >= MostTries || sent.Size > (sent.Kind is MessageKind.Event ? 2 : 1) * _largestTaken;
    }

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
            (kind.NotFrom, kind.NotSince, kind.Tries) = (sent.Size, time.GetTimestamp(), 0);
        }
    }

    private sealed class KindLimits
    {
        public long AloneFrom { get; set; } = long.MaxValue;

        public int Tries { get; set; }

        public long NotFrom { get; set; }

        public long? NotSince { get; set; }
    }
}
