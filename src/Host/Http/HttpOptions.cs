using System.Net;
using ActionStream.Core.Configuration;

namespace ActionStream.Host.Http;

/// <summary>Where /metrics and /health answer.</summary>
public sealed record HttpOptions
{
    /// <summary>Address to listen on. Loopback unless set: metrics tell what cameras there are.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>Port; 0 takes any free one and logs it.</summary>
    public int Port { get; init; } = 9464;

    public void Check(ConfigCheck check)
    {
        check.Expect(IPAddress.TryParse(Address, out _), Address, "an IP address such as 127.0.0.1 (this machine only) or 0.0.0.0 (everyone)");
        check.Expect(Port is >= 0 and <= 65535, Port, "0 to 65535");
    }
}
