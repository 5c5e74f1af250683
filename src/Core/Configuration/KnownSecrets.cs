using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ActionStream.Core.Configuration;

/// <summary>Every secret that was ever parsed, so that it is replaced wherever it turns up: also in what other programs say of it.
/// One for the process, as outputs are; what was a secret once stays one after a reload.</summary>
/// <remarks>
/// What is as short or as common as a word of ordinary text is not looked for everywhere: it would blank out the log, and the holes
/// would tell it. Such a secret is hidden where its place tells what it is, in addresses and after `password=` (<see cref="SafeUri"/>).
/// </remarks>
public static class KnownSecrets
{
    /// <summary>Letters from which a secret is looked for as a word of its own.</summary>
    public const int Shortest = 4;

    /// <summary>Letters from which it is looked for within words as well.</summary>
    public const int Unmistakable = 8;

    /// <summary>Digits below which a number is only a number.</summary>
    private const int ShortestNumber = 6;

    private const int Most = 20_000;
    private const string Stars = "***";

    private static readonly HashSet<string> Common = new(StringComparer.OrdinalIgnoreCase)
    {
        "admin", "administrator", "auth", "broker", "camera", "cameras", "channel", "default", "demo", "error", "false", "ffmpeg", "file",
        "from", "guest", "home", "http", "https", "info", "live", "local", "localhost", "main", "media", "model", "mqtt", "name", "none",
        "null", "offline", "online", "pass", "password", "port", "ready", "refused", "root", "rtmp", "rtsp", "rtsps", "secret", "service",
        "stream", "tcp", "test", "this", "timeout", "token", "true", "unauthorized", "user", "username", "video", "warn", "warning", "with",
    };

    private static readonly Lock Learning = new();
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<char, Entry[]> ByFirst = new();

    private sealed record Entry(string Text, string Shown, bool IsAnywhere);

    /// <summary>False for a secret that is hidden in its place only.</summary>
    public static bool IsRecognizable([NotNullWhen(true)] string? secret) =>
        secret is { Length: >= Shortest } && !Common.Contains(secret)
        && (secret.Length >= ShortestNumber || !secret.All(char.IsAsciiDigit));

    /// <summary>From here on the secret is hidden, as it is typed and as it is decoded.</summary>
    public static void Learn(string? secret)
    {
        Add(secret, Stars);
        if (secret?.Contains('%', StringComparison.Ordinal) == true)
        {
            Add(Uri.UnescapeDataString(secret), Stars);
        }
    }

    /// <summary>The same for a whole address, in the place of which its safe form is shown.</summary>
    internal static void LearnAddress(string address, string safe) => Add(address, safe);

    /// <summary>The text with stars in the place of secrets.</summary>
    /// <param name="isCut">The text may end within a secret.</param>
    public static string Mask(string text, bool isCut = false)
    {
        if (ByFirst.IsEmpty)
        {
            return text;
        }

        StringBuilder? masked = null;
        var copied = 0;
        for (var at = 0; at < text.Length;)
        {
            var rest = text.AsSpan(at);
            var (plain, escaped) = SpelledText.First(rest);
            var (length, shown) = Find(plain, text, at, isCut);
            if (length == 0 && escaped is { } letter)
            {
                (length, shown) = Find(letter, text, at, isCut);
            }

            if (length > 0)
            {
                masked = (masked ?? new(text.Length)).Append(text, copied, at - copied).Append(shown);
                copied = at + length;
            }

            at += Math.Max(length, 1);
        }

        return masked is null ? text : masked.Append(text, copied, text.Length - copied).ToString();
    }

    private static (int Length, string Shown) Find(char first, string text, int at, bool isCut)
    {
        if (ByFirst.TryGetValue(first, out var entries))
        {
            var rest = text.AsSpan(at);
            var (second, isPlain) = rest.Length > 1 && rest[0] == first ? (rest[1], !SpelledText.MayEscape(rest[..2])) : default;
            foreach (var entry in entries)
            {
                if (isPlain && entry.Text[1] != second)
                {
                    continue;
                }

                var length = SpelledText.Match(rest, entry.Text, isCut ? Shortest : int.MaxValue);
                if (length > 0 && (entry.IsAnywhere || IsWord(text, at, length)))
                {
                    return (length, entry.Shown);
                }
            }
        }

        return (0, "");
    }

    private static bool IsWord(string text, int at, int length) =>
        (at == 0 || !char.IsLetterOrDigit(text[at - 1]) || EndsEscape(text.AsSpan(0, at)))
        && (at + length == text.Length || !char.IsLetterOrDigit(text[at + length]));

    // The letter before may be the last of %3A or \n.
    private static bool EndsEscape(ReadOnlySpan<char> before) =>
        before is [.., '%', var high, var low] ? char.IsAsciiHexDigit(high) && char.IsAsciiHexDigit(low) : before is [.., '\\', _];

    private static void Add(string? text, string shown)
    {
        if (!IsRecognizable(text))
        {
            return;
        }

        lock (Learning)
        {
            if (Known.Count < Most && Known.Add(text))
            {
                var entry = new Entry(text, shown, text.Length >= Unmistakable);
                ByFirst.AddOrUpdate(text[0], [entry], (_, others) =>
                {
                    // The longest first: one may hold another.
                    var place = Array.FindIndex(others, other => other.Text.Length < text.Length);
                    place = place < 0 ? others.Length : place;
                    return [.. others.AsSpan(0, place), entry, .. others.AsSpan(place)];
                });
            }
        }
    }
}
