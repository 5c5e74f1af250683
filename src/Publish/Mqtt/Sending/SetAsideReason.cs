namespace ActionStream.Publish.Mqtt.Sending;

/// <summary>Why a message is not sent although the broker is there: a closed set, because it is a metric label.</summary>
internal enum SetAsideReason
{
    /// <summary>The broker cut the connection twice while it was on its way.</summary>
    Cut,

    /// <summary>It is larger than the broker says it takes.</summary>
    TooLarge,
}
