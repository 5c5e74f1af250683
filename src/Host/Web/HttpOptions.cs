using System.Net;
using ActionStream.Core.Configuration;

namespace ActionStream.Host.Web;

/// <summary>Where /metrics, /health and the live page answer, and whom.</summary>
public sealed record HttpOptions
{
    /// <summary>Address to listen on. Loopback unless set: metrics tell what cameras there are.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>Port; 0 takes any free one and logs it.</summary>
    public int Port { get; init; } = 9464;

    /// <summary>Port of their own for /metrics and /health, which then answer nowhere else: for probes and Prometheus where the live
    /// page must not be reached. None unless set.</summary>
    public int? MetricsPort { get; init; }

    /// <summary>The live page at /, and frames. On an address that others can reach it also needs a token or a password.</summary>
    public bool Live { get; init; } = true;

    /// <summary>Opens the live page to whoever knows it: as bearer token, or as the password of any user.</summary>
    public Secret Token { get; init; }

    /// <summary>A user for the live page, with its password.</summary>
    public string? Username { get; init; }

    public Secret Password { get; init; }

    internal IReadOnlyList<int> Ports => MetricsPort is { } own && own != Port ? [Port, own] : [Port];

    internal bool IsLoopback => IPAddress.TryParse(Address, out var address) && IPAddress.IsLoopback(address);

    internal bool IsGuarded => !Token.IsEmpty || !Password.IsEmpty;

    /// <summary>Why nobody may see the live page; null if somebody may.</summary>
    internal string? WhyClosed => !Live
        ? "The live page is switched off (http.live)."
        : IsLoopback || IsGuarded
            ? null
            : $"The live page shows what cameras see, and others can reach {Address}: set http.token, or http.username and http.password.";

    public void Check(ConfigCheck check)
    {
        check.Expect(
            IPAddress.TryParse(Address, out _), Address, "an IP address such as 127.0.0.1 (this machine only) or 0.0.0.0 (everyone)");
        check.Expect(Port is >= 0 and <= 65535, Port, "0 to 65535");
        check.Expect(
            MetricsPort is null or (>= 1 and <= 65535) && MetricsPort != Port, MetricsPort, "1 to 65535, another than port, or nothing",
            nameof(MetricsPort));
        check.Expect(Token.IsEmpty || Token.Reveal()!.Length >= 12, Token, "12 characters or more", nameof(Token));
        check.Expect(Password.IsEmpty || Password.Reveal()!.Length >= 8, Password, "8 characters or more", nameof(Password));
        check.Expect(Password.IsEmpty == string.IsNullOrEmpty(Username), Username, "a user and a password, or neither", nameof(Username));
        check.Expect(Username?.Contains(':', StringComparison.Ordinal) != true, Username, "a name without a colon", nameof(Username));
    }
}
