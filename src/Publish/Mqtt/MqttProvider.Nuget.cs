using ActionStream.Core.Configuration;

namespace ActionStream.Publish.Mqtt;

/// <summary>MQTT by MQTTnet, the demo's broker in this process.</summary>
public static class MqttProvider
{
    public static string Name => "MQTTnet";

    public static string Version => PackageVersion.Of("MQTTnet");

    /// <summary>What is missing and how to get it; null if all is there.</summary>
    public static string? Problem => null;

    /// <summary>A client for one connection.</summary>
    public static IMqttClient CreateClient() => new MqttNetClient();

    /// <summary>Starts a broker on a free port of the loopback address.</summary>
    public static Task<IMqttBroker> StartBrokerAsync(CancellationToken cancel) => MqttNetBroker.StartAsync(cancel);
}
