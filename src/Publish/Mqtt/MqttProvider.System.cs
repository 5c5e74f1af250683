using System.Reflection;

namespace ActionStream.Publish.Mqtt;

/// <summary>MQTT by libmosquitto, and the demo's broker by mosquitto, as the distribution installs them.</summary>
public static class MqttProvider
{
    private static readonly Lazy<(string Version, string? Problem)> Library = new(Load);

    public static string Name => "libmosquitto";

    /// <summary>Of the library found, or "missing".</summary>
    public static string Version => Library.Value.Version;

    /// <summary>What is missing and how to get it; null if all is there.</summary>
    public static string? Problem => Library.Value.Problem;

    /// <summary>A client for one connection.</summary>
    public static IMqttClient CreateClient() => new MosquittoClient();

    /// <summary>Starts a broker on a free port of the loopback address.</summary>
    public static Task<IMqttBroker> StartBrokerAsync(CancellationToken cancel) => MosquittoBroker.StartAsync(cancel);

    internal static void ThrowIfMissing()
    {
        if (Problem is { } problem)
        {
            throw new MqttException(MqttFault.NoLibrary, problem);
        }
    }

    private static (string Version, string? Problem) Load()
    {
        try
        {
            LibMosquitto.Version(out var major, out var minor, out var revision);
            return ($"{major}.{minor}.{revision}", null);
        }
        catch (Exception missing) when (missing is TypeInitializationException or DllNotFoundException or TargetInvocationException)
        {
            return ("missing", $"{LibMosquitto.Library} is missing; install the package libmosquitto1 (make setup does)");
        }
    }
}
