namespace ActionStream.Publish.Mqtt.Client;

/// <summary>What a broker said of itself when it took the connection. Without MQTT 5 it says nothing.</summary>
/// <param name="MaximumPacketSize">Bytes beyond which it takes no packet; null where it names no limit.</param>
/// <param name="KeepsRetained">False if it said that it keeps no retained messages.</param>
public readonly record struct BrokerLimits(long? MaximumPacketSize, bool KeepsRetained)
{
    /// <summary>Nothing was said.</summary>
    public static BrokerLimits None { get; } = new(null, true);
}
