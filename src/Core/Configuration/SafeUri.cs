using System.Text.RegularExpressions;

namespace ActionStream.Core.Configuration;

/// <summary>Addresses hold passwords; this takes them out of everything a person or a program may read: those that were parsed
/// wherever they stand, others by the place where they stand.</summary>
public static partial class SafeUri
{
    /// <summary>The text without secrets.</summary>
    /// <param name="isCut">The text may end within one.</param>
    public static string Scrub(string text, bool isCut = false)
    {
        var masked = KnownSecrets.Mask(text, isCut);
        if (masked.Contains("://", StringComparison.Ordinal))
        {
            masked = UserInfo().Replace(masked, "://***@");
        }

        masked = masked.Contains('=', StringComparison.Ordinal) ? SecretValue().Replace(masked, "$1=***") : masked;
        return masked.Contains("uthorization", StringComparison.Ordinal) ? Header().Replace(masked, "$1 ***") : masked;
    }

    /// <summary>An address without secrets. They are known from here on, and hidden wherever they turn up.</summary>
    public static string Of(string address) => KnownSecrets.Mask(AddressSecrets.Learn(address));

    /// <summary>False for an address whose password is too short or too common to be hidden outside of it.</summary>
    public static bool IsHiddenEverywhere(string address) =>
        AddressLogin.Find(address)?.Of(address).Password is not { Length: > 0 } password || KnownSecrets.IsRecognizable(password);

    /// <summary>An address without its login, for those who need the host: a password may hold what no parser takes.</summary>
    public static string WithoutLogin(string address) =>
        AddressLogin.Find(address) is { } login ? address[..login.Start] + address[(login.At + 1)..] : address;

    /// <summary>User and password of an address as they are before they are encoded for one; null if it has none.</summary>
    public static (string User, Secret Password)? LoginOf(string address) => AddressLogin.Find(address)?.Of(address) is var (user, password)
        ? (Uri.UnescapeDataString(user), Secret.Parse(Uri.UnescapeDataString(password ?? "")))
        : null;

    /// <summary>What has to be typed otherwise in the login of an address, and how; null if nothing.</summary>
    public static string? WhyMisread(string address) => AddressLogin.Find(address) is { Unencoded: { Length: > 0 } letters }
        ? $"has {string.Join(" and ", letters.Select(letter => $"'{letter}'"))} in its user or password, where the address would end; "
            + $"write {string.Join(" and ", letters.Select(letter => $"{Uri.HexEscape(letter)} for '{letter}'"))}"
        : null;

    /// <summary>Learns what arguments of a program keep secret: the value after a name such as -password, and what headers carry.</summary>
    public static void Learn(IReadOnlyList<string> arguments)
    {
        foreach (var argument in arguments)
        {
            AddressSecrets.Learn(argument);
            foreach (Match header in Header().Matches(argument))
            {
                KnownSecrets.Learn(header.Groups["value"].Value);
            }
        }

        foreach (var (name, value) in arguments.Zip(arguments.Skip(1)))
        {
            if (name.StartsWith('-') && AddressSecrets.IsSecretName(name))
            {
                KnownSecrets.Learn(value);
            }
        }
    }

    extension(Uri uri)
    {
        /// <summary>The address without credentials.</summary>
        public string Safe => Of(uri.OriginalString);
    }

    // Up to the last @ of the word: passwords may hold an @ of their own, and a slash that was not encoded.
    [GeneratedRegex(@"://\S*@")]
    private static partial Regex UserInfo();

    [GeneratedRegex(
        @"(?i)([\w.-]*(?:pass|passwd|password|pas|pwd|psw|passphrase)|(?<![A-Za-z0-9])(?:\w+_)?(?:pw|token|auth|key|secret|streamid|"
        + @"signature|sig|session|ticket|pin|jwt))=(?!\*\*\*)[^&\s""']+")]
    private static partial Regex SecretValue();

    [GeneratedRegex(@"(?i)(authorization\s*[:=]\s*(?:\w+)?)\s+(?<value>\S+)")]
    private static partial Regex Header();
}
