using System.Buffers;
using System.Globalization;
using System.Text;

namespace ActionStream.Core.Configuration;

/// <summary>Finds a text whatever its letters are spelt as: plain, percent-encoded, or escaped for JSON or HTML, also mixed; a
/// secret that one program wrote plain is encoded by the next.</summary>
internal static class SpelledText
{
    private static readonly SearchValues<char> Escapes = SearchValues.Create("%+\\&");

    private static readonly (string Spelling, char Letter)[] Entities =
        [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&#39;", '\'')];

    /// <summary>How much of the text, from its start, spells all that is wanted; 0 if it does not.</summary>
    /// <param name="least">Letters that suffice where the text ends before all are there.</param>
    public static int Match(ReadOnlySpan<char> text, ReadOnlySpan<char> wanted, int least = int.MaxValue) => Match(text, wanted, 0, least);

    /// <summary>True if some of the text may stand for something else.</summary>
    public static bool MayEscape(ReadOnlySpan<char> text) => text.ContainsAny(Escapes);

    /// <summary>The letters that the text may begin with, by its spellings.</summary>
    public static (char Plain, char? Escaped) First(ReadOnlySpan<char> text) =>
        (text[0], Escape(text, out var letter, out _) > 0 ? letter : null);

    private static int Match(ReadOnlySpan<char> text, ReadOnlySpan<char> wanted, int found, int least)
    {
        // What is plain on both sides, in one go: most secrets that begin alike differ here.
        var at = text.CommonPrefixLength(wanted);
        at = text[..at].IndexOfAny(Escapes) is >= 0 and var escape ? escape : at;
        found += at;
        wanted = wanted[at..];
        while (wanted.Length > 0)
        {
            if (text.Length == at)
            {
                return found >= least ? at : 0;
            }

            var rest = text[at..];
            if (Escape(rest, out var letter, out var second) is > 0 and var length && letter == wanted[0])
            {
                var letters = second is null ? 1 : 2;
                if (letters == 1 || (wanted.Length > 1 && wanted[1] == second))
                {
                    // A per cent sign may stand for itself, or begin the spelling of a per cent sign.
                    if (letter != rest[0])
                    {
                        wanted = wanted[letters..];
                        at += length;
                        found += letters;
                        continue;
                    }

                    if (Match(rest[length..], wanted[letters..], found + letters, least) is > 0 and var more)
                    {
                        return at + length + more;
                    }

                    if (wanted.Length == letters)
                    {
                        return at + length;
                    }
                }
            }

            if (rest[0] != wanted[0])
            {
                return 0;
            }

            wanted = wanted[1..];
            at++;
            found++;
        }

        return at;
    }

    /// <summary>How long the escape is that the text begins with, and what it stands for; 0 if it begins with none.</summary>
    private static int Escape(ReadOnlySpan<char> text, out char letter, out char? second)
    {
        (letter, second) = (default, null);
        switch (text[0])
        {
            case '%':
                return Percent(text, out letter, out second);
            case '+':
                letter = ' ';
                return 1;
            case '\\' when text.Length > 1:
                if (text[1] == 'u' && text.Length >= 6
                    && ushort.TryParse(text[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
                {
                    letter = (char)code;
                    return 6;
                }

                letter = text[1];
                return 2;
            case '&':
                foreach (var (spelling, stands) in Entities)
                {
                    if (text.StartsWith(spelling, StringComparison.Ordinal))
                    {
                        letter = stands;
                        return spelling.Length;
                    }
                }

                return 0;
            default:
                return 0;
        }
    }

    private static int Percent(ReadOnlySpan<char> text, out char letter, out char? second)
    {
        (letter, second) = (default, null);
        Span<byte> bytes = stackalloc byte[4];
        var count = 0;
        while (count < bytes.Length && text.Length >= 3 * (count + 1) && text[3 * count] == '%'
            && byte.TryParse(
                text[((3 * count) + 1)..(3 * (count + 1))], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
                out bytes[count]))
        {
            count++;
        }

        if (count == 0 || Rune.DecodeFromUtf8(bytes[..count], out var rune, out var used) != OperationStatus.Done)
        {
            return 0;
        }

        Span<char> letters = stackalloc char[2];
        second = rune.EncodeToUtf16(letters) == 2 ? letters[1] : null;
        letter = letters[0];
        return 3 * used;
    }
}
