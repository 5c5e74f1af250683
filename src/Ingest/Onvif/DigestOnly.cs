using System.Net;

namespace ActionStream.Ingest.Onvif;

/// <summary>Gives a login to HTTP where the password itself is not sent: as a digest, or inside TLS.</summary>
internal sealed class DigestOnly(OnvifLogin login) : ICredentials
{
    public NetworkCredential? GetCredential(Uri uri, string authType) =>
        authType.Equals("Digest", StringComparison.OrdinalIgnoreCase)
        || (uri.Scheme == Uri.UriSchemeHttps && authType.Equals("Basic", StringComparison.OrdinalIgnoreCase))
            ? new(login.User, login.Password.Reveal())
            : null;
}
