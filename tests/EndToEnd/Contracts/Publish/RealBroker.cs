using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ActionStream.Publish.Mqtt.Client;

namespace ActionStream.EndToEnd.Contracts.Publish;

/// <summary>A mosquitto with whatever settings a test wants; it can be stopped and started again on its port.</summary>
internal sealed class RealBroker : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actionstream-broker").FullName;
    private readonly string _config;
    private Process? _process;

    public RealBroker(string settings = "allow_anonymous true", bool tls = false)
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Port = ((IPEndPoint)probe.LocalEndPoint!).Port;
        Settings = settings;
        _config = Path.Combine(_folder, "mosquitto.conf");
        if (tls)
        {
            Certificates.Write(_folder);
            settings += $"\ncafile {Ca}\ncertfile {_folder}/server.pem\nkeyfile {_folder}/server.key\nrequire_certificate true";
        }

        File.WriteAllText(
            _config,
            $"""
            listener {Port} 127.0.0.1
            persistence false
            user {Environment.UserName}
            log_dest stderr
            log_type all
            {settings}

            """);
    }

    public int Port { get; }

    /// <summary>The settings it was made with, for another like it.</summary>
    public string Settings { get; }

    public string Ca => Path.Combine(_folder, "ca.pem");

    public MqttOptions Options => new() { Host = "127.0.0.1", Port = Port };

    public MqttOptions TlsOptions => Options with
    {
        Tls = new() { Enabled = true, CaFile = Ca, CertFile = $"{_folder}/client.pem", KeyFile = $"{_folder}/client.key" },
    };

    /// <summary>A broker that knows one user.</summary>
    public static RealBroker WithUser(string user, string password)
    {
        var file = Path.GetTempFileName();
        using var made = Process.Start("mosquitto_passwd", ["-b", "-c", file, user, password]);
        made.WaitForExit();
        return new($"allow_anonymous false\npassword_file {file}");
    }

    public async Task<RealBroker> StartAsync()
    {
        var program = File.Exists("/usr/sbin/mosquitto") ? "/usr/sbin/mosquitto" : "mosquitto";
        _process = Process.Start(new ProcessStartInfo(program, ["-c", _config]) { RedirectStandardError = true })!;
        var said = "";
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            if (line.EndsWith(" running", StringComparison.Ordinal))
            {
                _ = _process.StandardError.ReadToEndAsync();
                return this;
            }

            said += line + "\n";
        }

        throw new InvalidOperationException($"mosquitto does not start: {said}");
    }

    public void Kill()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            _process.WaitForExit();
        }
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        _process?.Dispose();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
