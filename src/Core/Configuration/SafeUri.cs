using System.Text.RegularExpressions;

namespace ActionStream.Core.Configuration;

/// <summary>Camera addresses hold passwords; this takes them out of everything a person or a program may read.</summary>
public static partial class SafeUri
{
    /// <summary>The text with every `user:password@` and every secret-looking query value replaced by stars.</summary>
    public static string Scrub(string text) => SecretQuery().Replace(UserInfo().Replace(text, "://***@"), "$1=***");

    extension(Uri uri)
    {
        /// <summary>The address without credentials.</summary>
        public string Safe => Scrub(uri.OriginalString);
    }

    // Up to the last @ before the path: passwords may hold an @ of their own.
    [GeneratedRegex(@"://[^\s/?#]*@")]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"(?i)\b(password|passwd|pwd|pass|token|auth|key|secret|streamid|passphrase)=[^&\s""']+")]
    private static partial Regex SecretQuery();
}
