using ActionStream.Core.Configuration;
using ActionStream.Publish.Mqtt.Messages;

namespace ActionStream.Publish.Mqtt.Client;

/// <summary>Where the broker is and how to talk to it.</summary>
public sealed record MqttOptions
{
    /// <summary>Name or address of the broker.</summary>
    public string Host { get; init; } = "localhost";

    public int Port { get; init; } = 1883;

    /// <summary>Version of MQTT: 3.1.1, which every broker speaks, or 5.</summary>
    public string Protocol { get; init; } = "3.1.1";

    /// <summary>Asks the broker to keep states and the like for whoever comes later. False for a broker that cannot: then they are
    /// published again every minute.</summary>
    public bool Retain { get; init; } = true;

    /// <summary>First level of every topic.</summary>
    public string Prefix { get; init; } = "actionstream";

    /// <summary>Must be unique at the broker. Left out: actionstream-NODE.</summary>
    public string? ClientId { get; init; }

    public string? Username { get; init; }

    public Secret Password { get; init; }

    public TlsOptions Tls { get; init; } = new();

    public DiscoveryOptions Discovery { get; init; } = new();

    /// <summary>First level of topics in Frigate's shape, published beside ours; empty for none.</summary>
    public string FrigatePrefix { get; init; } = "";

    /// <summary>Silence after which either side asks whether the other is still there.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long connecting may take, name lookup and TLS included.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the broker may take to acknowledge a message before the connection counts as dead.</summary>
    public TimeSpan PublishTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait between two attempts to connect.</summary>
    public TimeSpan RetryCeiling { get; init; } = TimeSpan.FromSeconds(30);

    public SpoolOptions Spool { get; init; } = new();

    /// <summary>Scores waiting to be sent; beyond it the oldest is dropped and counted. While the broker is away none are kept.</summary>
    public int ScoresQueue { get; init; } = 256;

    public void Check(ConfigCheck check)
    {
        check.Expect(
            Uri.CheckHostName(Host) != UriHostNameType.Unknown, SafeUri.Scrub(Host),
            "a host name or address, without mqtt:// and port", nameof(Host));
        check.Expect(Port is >= 1 and <= 65535, Port, "1 to 65535");
        check.Expect(Protocol is "3.1.1" or "5", Protocol, "3.1.1 or 5");
        check.Expect(Topics.IsTopic(Prefix), Prefix, "one or more topic levels such as actionstream or home/cameras, without + and #");
        check.Expect(
            FrigatePrefix.Length == 0 || (Topics.IsTopic(FrigatePrefix) && FrigatePrefix != Prefix), FrigatePrefix,
            "a topic other than prefix, such as frigate");
        check.Expect(
            ClientId is null || (ClientId.Length is > 0 and <= 128 && !ClientId.Any(char.IsControl)), ClientId, "1 to 128 characters");
        check.Expect(Password.IsEmpty || !string.IsNullOrEmpty(Username), Username, "a user for the password", nameof(Username));
        check.Expect(
            KeepAlive >= TimeSpan.FromSeconds(5) && KeepAlive <= TimeSpan.FromHours(1), KeepAlive, "5s to 1h");
        CheckTime(check, ConnectTimeout, nameof(ConnectTimeout));
        CheckTime(check, PublishTimeout, nameof(PublishTimeout));
        check.Expect(
            RetryCeiling >= TimeSpan.FromSeconds(1) && RetryCeiling <= TimeSpan.FromMinutes(10), RetryCeiling, "1s to 10m");
        check.Expect(ScoresQueue is >= 1 and <= 100_000, ScoresQueue, "1 to 100000 messages");
        Tls.Check(check.At(nameof(Tls)));
        Discovery.Check(check.At(nameof(Discovery)));
        Spool.Check(check.At(nameof(Spool)));
    }

    private static void CheckTime(ConfigCheck check, TimeSpan time, string setting) =>
        check.Expect(time >= TimeSpan.FromMilliseconds(100) && time <= TimeSpan.FromMinutes(2), time, "100ms to 2m", setting);
}

/// <summary>An encrypted connection. The broker's certificate is always verified.</summary>
public sealed record TlsOptions
{
    public bool Enabled { get; init; }

    /// <summary>PEM file of the authority that signed the broker's certificate. Left out: those the system trusts.</summary>
    public string? CaFile { get; init; }

    /// <summary>PEM file of our own certificate, where the broker asks for one.</summary>
    public string? CertFile { get; init; }

    /// <summary>PEM file of its private key, not encrypted.</summary>
    public string? KeyFile { get; init; }

    public void Check(ConfigCheck check)
    {
        CheckFile(check, CaFile, nameof(CaFile));
        CheckFile(check, CertFile, nameof(CertFile));
        CheckFile(check, KeyFile, nameof(KeyFile));
        check.Expect(CertFile is null || KeyFile is not null, KeyFile, "the key of cert_file");
        check.Expect(KeyFile is null || CertFile is not null, CertFile, "the certificate of key_file");
        check.Expect(
            Enabled || (CaFile ?? CertFile ?? KeyFile) is null, Enabled, "true: files are named, so encryption is meant");
    }

    private static void CheckFile(ConfigCheck check, string? file, string setting) =>
        check.Expect(file is null || File.Exists(file), file, "a file that exists", setting);
}
