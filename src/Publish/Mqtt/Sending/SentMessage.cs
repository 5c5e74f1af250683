using ActionStream.Publish.Mqtt.Messages;

namespace ActionStream.Publish.Mqtt.Sending;

/// <summary>A message that was on its way when the connection broke, as far as it matters for who broke it.</summary>
/// <param name="Message">The message itself, where it is kept until the broker has it.</param>
internal readonly record struct SentMessage(MessageKind Kind, string Topic, int Size, OutboundMessage? Message)
{
    // What is worth something only now is used again for the next of its kind.
    public static SentMessage Of(OutboundMessage message) =>
        new(message.Kind, message.Topic, message.Size, message.IsTransient ? null : message);
}
