using System.Text;
using System.Text.RegularExpressions;

namespace ActionStream.Core.Configuration;

/// <summary>Takes an address apart into what may be seen and what may not, by the place where it stands: login, `key=value` of query
/// and path, and long keys that are the whole secret of a path.</summary>
internal static partial class AddressSecrets
{
    /// <summary>The address without secrets; all of them are known from here on.</summary>
    public static string Learn(string address)
    {
        var safe = Shown(address, KnownSecrets.Learn);
        if (safe != address)
        {
            KnownSecrets.LearnAddress(address, safe);
        }

        return safe;
    }

    /// <summary>The same for an address that is none of ours.</summary>
    public static string Shown(string address, Action<string>? take = null)
    {
        var scheme = address.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
        {
            return address;
        }

        var safe = new StringBuilder(address, 0, scheme + 3, address.Length + 8);
        var rest = scheme + 3;
        if (AddressLogin.Find(address) is { } login)
        {
            var (user, password) = login.Of(address);
            Take(take, password);
            if (password is { Length: > 0 })
            {
                take?.Invoke(Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Decoded(user)}:{Decoded(password)}")));
            }

            safe.Append("***@");
            rest = login.At + 1;
        }

        var tail = address[rest..];
        var path = tail.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? slash : tail.Length;
        safe.Append(Pairs().Replace(tail, pair => Pair(pair, take)));
        var shown = safe.ToString();
        foreach (var segment in Keys().Matches(tail[path..]).Select(match => match.Value).Where(IsKey))
        {
            take?.Invoke(segment);
            shown = shown.Replace(segment, "***", StringComparison.Ordinal);
        }

        return shown;
    }

    public static bool IsSecretName(string name) => SecretName().IsMatch(name);

    private static string Pair(Match pair, Action<string>? take)
    {
        var (key, value) = (pair.Groups["key"].Value, pair.Groups["value"].Value);
        if (value.Length == 0 || Harmless().IsMatch(key))
        {
            return pair.Value;
        }

        if (SecretName().IsMatch(key))
        {
            Take(take, value);

            // A slash may belong to the password, or end it.
            Take(take, value.Split('/', '?', '#')[0]);
            return $"{key}=***";
        }

        if (value.Length <= 3)
        {
            return pair.Value;
        }

        if (value.Length >= KnownSecrets.Unmistakable && value.Any(char.IsAsciiDigit) && value.Any(char.IsAsciiLetter))
        {
            Take(take, value);
        }

        return $"{key}=***";
    }

    private static void Take(Action<string>? take, string? secret)
    {
        if (secret is { Length: > 0 })
        {
            take?.Invoke(secret);
        }
    }

    private static string Decoded(string text) => Uri.UnescapeDataString(text);

    private static bool IsKey(string segment) => segment.Count(char.IsAsciiDigit) >= 3 && segment.Any(char.IsAsciiLetter);

    // XMeye's cameras take user=admin_password=X_channel=1 as their path.
    [GeneratedRegex(
        @"(?<=[/?&;_,])(?<key>[A-Za-z][A-Za-z0-9.-]*)=(?<value>.*?)(?=[&;?/_,][A-Za-z][A-Za-z0-9._-]*=|[&;]|$)",
        RegexOptions.Singleline)]
    private static partial Regex Pairs();

    // UniFi's cameras have a path of one long key and no password.
    [GeneratedRegex(@"(?<=/)[A-Za-z0-9]{12,}(?=[/?]|$)")]
    private static partial Regex Keys();

    [GeneratedRegex(
        @"(?i)pass|pas$|pwd|psw|^pw|pw$|^p$|token|auth|secret|cred|key|sign|^sig|session|ticket|^pin$|code$|streamid|nonce|hash|md5|jwt")]
    private static partial Regex SecretName();

    [GeneratedRegex(
        @"(?i)^(user|usr|username|loginuse|u|channel|ch|chn|stream|subtype|resolution|res|size|width|height|fps|rate|codec|video|audio|"
        + @"videocodec|videocodectype|profile|unicast|multicast|proto|transport|transportmode|transtype|mode|latency|rcvlatency|timeout|"
        + @"type|quality|compression|camera|cam|track|starttime|endtime|action|cmd|live|listen|id|trackid|pkt_size)$")]
    private static partial Regex Harmless();
}
