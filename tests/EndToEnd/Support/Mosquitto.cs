using System.Globalization;

namespace ActionStream.EndToEnd.Support;

/// <summary>A real broker on loopback that can be killed and brought back on the same port.</summary>
internal sealed class Mosquitto : IAsyncDisposable
{
    private readonly string _config = Path.GetTempFileName();
    private Child? _broker;

    private Mosquitto(int port) => Port = port;

    public int Port { get; }

    public static async Task<Mosquitto> StartAsync()
    {
        var broker = new Mosquitto(Ports.Free());
        await File.WriteAllTextAsync(
            broker._config, string.Create(CultureInfo.InvariantCulture, $"listener {broker.Port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n"));
        await broker.StartAgainAsync();
        return broker;
    }

    public async Task StartAgainAsync()
    {
        _broker = new Child("mosquitto", ["-c", _config]);
        await _broker.LineAsync(line => line.Contains("running", StringComparison.Ordinal), TimeSpan.FromSeconds(10));
    }

    public Task KillAsync() => _broker!.KillAsync();

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }

        File.Delete(_config);
    }
}
