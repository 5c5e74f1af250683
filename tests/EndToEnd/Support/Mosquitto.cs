using System.Diagnostics;
using System.Globalization;

namespace ActionStream.EndToEnd.Support;

/// <summary>A real broker on loopback that can be killed and brought back on the same port.</summary>
internal sealed class Mosquitto : IAsyncDisposable
{
    private readonly string _config = Path.GetTempFileName();
    private readonly string _folder = Directory.CreateTempSubdirectory("actionstream-mosquitto").FullName;
    private Child? _broker;

    private Mosquitto(int port) => Port = port;

    public int Port { get; }

    /// <param name="remembers">True for a broker that keeps sessions and retained messages over a stop, as most are set up.</param>
    /// <param name="login">user:password that every client must give, or null.</param>
    public static async Task<Mosquitto> StartAsync(bool remembers = false, string? login = null)
    {
        var broker = new Mosquitto(Ports.Free());
        var users = Path.Combine(broker._folder, "users");
        if (login?.Split(':', 2) is [var user, var password])
        {
            using var made = Process.Start("mosquitto_passwd", ["-b", "-c", users, user, password]);
            await made.WaitForExitAsync();
        }

        await File.WriteAllTextAsync(
            broker._config, string.Create(
                CultureInfo.InvariantCulture,
                $"listener {broker.Port} 127.0.0.1\nallow_anonymous {(login is null ? "true" : $"false\npassword_file {users}")}\nmax_queued_messages 0\nuser {Environment.UserName}\n")
            + (remembers ? $"persistence true\npersistence_location {broker._folder}/\n" : ""));
        await broker.StartAgainAsync();
        return broker;
    }

    public async Task StartAgainAsync()
    {
        _broker = new Child("mosquitto", ["-c", _config]);
        await _broker.LineAsync(line => line.Contains("running", StringComparison.Ordinal), TimeSpan.FromSeconds(10));
    }

    public Task KillAsync() => _broker!.KillAsync();

    /// <summary>As at an update of the broker: it writes down what it remembers.</summary>
    public async Task StopAsync()
    {
        _broker!.Signal("TERM");
        await _broker.ExitAsync(TimeSpan.FromSeconds(20));
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }

        File.Delete(_config);
        Directory.Delete(_folder, recursive: true);
    }
}
