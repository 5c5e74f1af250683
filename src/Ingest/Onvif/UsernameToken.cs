using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace ActionStream.Ingest.Onvif;

/// <summary>The login as cameras take it inside a message: a digest of the password, made for one moment of the camera's own
/// clock, so that the password itself is never sent.</summary>
internal static class UsernameToken
{
    private const string DigestType =
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest";

    private const string Base64 =
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";

    /// <param name="now">By the camera's clock: one that is minutes off refuses what seems old.</param>
    /// <param name="nonce">Sixteen bytes by chance.</param>
    public static XElement Of(OnvifLogin login, DateTimeOffset now, ReadOnlySpan<byte> nonce)
    {
        var created = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        return new XElement(
            OnvifNames.Security + "Security",
            new XAttribute(OnvifNames.Soap + "mustUnderstand", "1"),
            new XElement(
                OnvifNames.Security + "UsernameToken",
                new XElement(OnvifNames.Security + "Username", login.User),
                new XElement(
                    OnvifNames.Security + "Password", new XAttribute("Type", DigestType),
                    Digest(login.Password.Reveal() ?? "", created, nonce)),
                new XElement(
                    OnvifNames.Security + "Nonce", new XAttribute("EncodingType", Base64), Convert.ToBase64String(nonce)),
                new XElement(OnvifNames.Utility + "Created", created)));
    }

    [SuppressMessage("Security", "CA5350", Justification = "The standard has no other digest.")]
    internal static string Digest(string password, string created, ReadOnlySpan<byte> nonce) =>
        Convert.ToBase64String(SHA1.HashData([.. nonce, .. Encoding.UTF8.GetBytes(created), .. Encoding.UTF8.GetBytes(password)]));
}
