using System.Globalization;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Scenarios.Deploy;

/// <summary>configs/mosquitto/mosquitto.conf, as a real mosquitto reads it.</summary>
public sealed class MosquittoConfTests
{
    [NeedsFact("mosquitto", "mosquitto_sub", "mosquitto_pub", "setpriv")]
    public async Task The_broker_starts_with_it_and_keeps_what_is_retained_over_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("mosquitto-").FullName;
        var (port, path) = (Ports.Free().ToString(CultureInfo.InvariantCulture), Path.Combine(folder, "mosquitto.conf"));
        var given = await File.ReadAllTextAsync(Path.Combine(Parts.Root, "configs", "mosquitto", "mosquitto.conf"));
        await File.WriteAllTextAsync(path, given
            .Replace("listener 1883\n", $"listener {port} 127.0.0.1\n", StringComparison.Ordinal)
            .Replace("/mosquitto/data/", folder + "/", StringComparison.Ordinal) + "user root\n");

        await using (var broker = await StartAsync(path))
        {
            await using var publish = new Child("mosquitto_pub", ["-p", port, "-t", "a/state", "-m", "ON", "-r", "-q", "1"]);
            Assert.True(await publish.ExitAsync(TimeSpan.FromSeconds(10)) == 0, publish.All + broker.All);
            broker.Signal("TERM"); // it writes its database when it leaves
            await broker.ExitAsync(TimeSpan.FromSeconds(10));
        }

        await using var again = await StartAsync(path);
        await using var subscribe = new Child("mosquitto_sub", ["-p", port, "-t", "a/state", "-C", "1", "-W", "10"]);
        Assert.True(await subscribe.ExitAsync(TimeSpan.FromSeconds(15)) == 0, subscribe.All + again.All);
        Assert.Equal("ON", subscribe.Output.Trim());
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<Child> StartAsync(string path)
    {
        var broker = new Child("mosquitto", ["-c", path]);
        await broker.LineAsync(line => line.Contains("running", StringComparison.Ordinal), TimeSpan.FromSeconds(10));
        return broker;
    }
}
