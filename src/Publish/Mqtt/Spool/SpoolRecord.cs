using System.Buffers.Binary;
using System.Text;
using ActionStream.Publish.Events;

namespace ActionStream.Publish.Mqtt;

/// <summary>Which event a message belongs to, and which step of it.</summary>
internal readonly record struct EventMark(string Id, EventType Type);

/// <summary>An event message as it is kept.</summary>
/// <param name="Number">Counts up; the order of sending.</param>
internal sealed record SpooledEvent(long Number, DateTimeOffset PostedAt, EventMark Mark, string Topic, ReadOnlyMemory<byte> Payload)
{
    public int Size => Payload.Length + Topic.Length + Mark.Id.Length + 32;
}

/// <summary>What a record on disk says.</summary>
internal enum SpoolRecordKind : byte
{
    /// <summary>An event message waits for the broker.</summary>
    Waits = 1,

    /// <summary>The broker has it, or it was dropped.</summary>
    Done = 2,

    /// <summary>Its event is open; the message itself need not be sent.</summary>
    Open = 3,

    /// <summary>The service lived at that time.</summary>
    Alive = 4,
}

/// <summary>The bytes of records: little-endian numbers, texts with their length before them.</summary>
internal static class SpoolRecord
{
    private static readonly int LastType = Enum.GetValues<EventType>().Length - 1;

    public static byte[] Of(SpooledEvent message, bool waits)
    {
        var (id, topic) = (Encoding.UTF8.GetBytes(message.Mark.Id), Encoding.UTF8.GetBytes(message.Topic));
        var bytes = new byte[22 + id.Length + topic.Length + message.Payload.Length];
        bytes[0] = (byte)(waits ? SpoolRecordKind.Waits : SpoolRecordKind.Open);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(1), message.Number);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(9), message.PostedAt.ToUnixTimeMilliseconds());
        bytes[17] = (byte)message.Mark.Type;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(18), (ushort)id.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(20), (ushort)topic.Length);
        id.CopyTo(bytes, 22);
        topic.CopyTo(bytes, 22 + id.Length);
        message.Payload.CopyTo(bytes.AsMemory(22 + id.Length + topic.Length));
        return bytes;
    }

    public static void Short(Span<byte> nineBytes, SpoolRecordKind kind, long number)
    {
        nineBytes[0] = (byte)kind;
        BinaryPrimitives.WriteInt64LittleEndian(nineBytes[1..], number);
    }

    /// <summary>Number or time of a short record.</summary>
    public static long Number(ReadOnlySpan<byte> bytes) => bytes.Length >= 9 ? BinaryPrimitives.ReadInt64LittleEndian(bytes[1..]) : 0;

    /// <summary>Null for milliseconds that are no time.</summary>
    public static DateTimeOffset? Time(long milliseconds) =>
        milliseconds >= 0 && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : null;

    /// <summary>Null for what no version of ours has written.</summary>
    public static SpooledEvent? Event(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 22 || bytes[17] > LastType || Time(BinaryPrimitives.ReadInt64LittleEndian(bytes[9..])) is not { } postedAt)
        {
            return null;
        }

        int id = BinaryPrimitives.ReadUInt16LittleEndian(bytes[18..]), topic = BinaryPrimitives.ReadUInt16LittleEndian(bytes[20..]);
        return bytes.Length < 22 + id + topic
            ? null
            : new(
                Number(bytes),
                postedAt,
                new(Encoding.UTF8.GetString(bytes.Slice(22, id)), (EventType)bytes[17]),
                Encoding.UTF8.GetString(bytes.Slice(22 + id, topic)),
                bytes[(22 + id + topic)..].ToArray());
    }
}
