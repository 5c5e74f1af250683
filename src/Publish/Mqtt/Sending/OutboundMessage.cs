using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using ActionStream.Publish.Events;
using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Messages;

namespace ActionStream.Publish.Mqtt.Sending;

/// <summary>A message on its way to the broker.</summary>
internal sealed class OutboundMessage(MessageKind kind, string topic, ReadOnlyMemory<byte> payload)
{
    public MessageKind Kind { get; set; } = kind;

    public string Topic { get; set; } = topic;

    public ReadOnlyMemory<byte> Payload { get; set; } = payload;

    /// <summary>Which step of which event it tells.</summary>
    public EventMark Mark { get; init; }

    /// <summary>What the spool on disk calls it; 0 where there is none.</summary>
    public long SpoolNumber { get; set; }

    /// <summary>What it counts for in the spool: its bytes when it came.</summary>
    public int SpooledBytes { get; set; }

    /// <summary>When it began to wait.</summary>
    public DateTimeOffset SpooledAt { get; set; }

    /// <summary>True if the payload's memory is the shared pool's and returns there once the broker has the message.</summary>
    public bool IsPooled { get; set; }

    /// <summary>The decision it reports; null for what does not report one.</summary>
    public DecisionTime? Decision { get; set; }

    /// <summary>Time stamp when it was posted.</summary>
    public long PostedAt { get; set; }

    /// <summary>Place in the order of sending.</summary>
    public long Order { get; set; }

    public bool IsLate { get; private set; }

    /// <summary>True for a snapshot in the queue, which a newer one of its topic replaces.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>True if the broker may have cut the connection for it.</summary>
    public bool IsSuspect { get; set; }

    /// <summary>How often the connection was cut while it was the only one on its way.</summary>
    public int Tries { get; set; }

    /// <summary>Time stamp since when it is known that the broker does; null for most.</summary>
    public long? SetAsideSince { get; set; }

    /// <summary>What its length counts for where lengths are compared.</summary>
    public int Size => Topic.Length + Payload.Length;

    /// <summary>The most that it may take on the wire: type and length are five bytes, then come a length and two numbers.</summary>
    public long PacketSize => 10L + Encoding.UTF8.GetByteCount(Topic) + Payload.Length;

    public bool IsRetained => Kind <= MessageKind.Snapshot;

    /// <summary>Worth something only now.</summary>
    public bool IsTransient => Kind > MessageKind.Event;

    public int Qos => Kind is MessageKind.Snapshot or > MessageKind.Event ? 0 : 1;

    /// <summary>Which of two leaves first.</summary>
    public static OutboundMessage? Sooner(OutboundMessage? one, OutboundMessage? other) =>
        one is null || (other is not null && other.Order < one.Order) ? other : one;

    public void ComesLate()
    {
        if (!IsLate)
        {
            (IsLate, Payload) = (true, LatePayload.Of(Payload));
        }
    }

    /// <summary>Nobody reads the payload any more.</summary>
    public void ReturnToPool()
    {
        if (IsPooled && MemoryMarshal.TryGetArray(Payload, out var rented))
        {
            Payload = default;
            ArrayPool<byte>.Shared.Return(rented.Array!);
        }
    }

    /// <param name="isRetaining">False at a broker that keeps nothing.</param>
    /// <param name="isAlone">True if it must be acknowledged, whatever it is.</param>
    public MqttMessage ToMessage(bool isRetaining, bool isAlone) => new(Topic, Payload, isAlone ? 1 : Qos, IsRetained && isRetaining);
}
