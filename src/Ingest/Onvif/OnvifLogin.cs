using ActionStream.Core.Configuration;

namespace ActionStream.Ingest.Onvif;

/// <summary>Who asks a camera. Most let strangers know the time and nothing else.</summary>
public sealed record OnvifLogin(string User, Secret Password)
{
    /// <summary>The login that stands in an address, as it is before it was encoded for one; null if there is none.</summary>
    public static OnvifLogin? OfAddress(string address) =>
        SafeUri.LoginOf(address) is var (user, password) ? new(user, password) : null;
}
