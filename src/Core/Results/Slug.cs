using System.Globalization;
using System.Text;

namespace ActionStream.Core.Results;

/// <summary>Names as topics and entity ids allow them: [a-z0-9_-], at most 64, the same every time.</summary>
public static class Slug
{
    public const int MaxLength = 64;

    public static string Of(string name)
    {
        var slug = new StringBuilder(name.Length);
        foreach (var letter in Decomposed(name).ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(letter) || letter is '-')
            {
                slug.Append(letter);
            }
            else if (CharUnicodeInfo.GetUnicodeCategory(letter) != UnicodeCategory.NonSpacingMark && slug is not [.., '_'])
            {
                slug.Append('_');
            }
        }

        var text = slug.ToString().Trim('_');
        return text.Length > MaxLength ? text[..MaxLength].TrimEnd('_') : text;
    }

    // Half a character of two cannot be decomposed, and anybody may write one.
    private static string Decomposed(string name)
    {
        try
        {
            return name.Normalize(NormalizationForm.FormD);
        }
        catch (ArgumentException)
        {
            return name;
        }
    }

    /// <summary>True if the name is a slug already, and so can be a key in the configuration.</summary>
    public static bool IsSlug(string name) => name.Length > 0 && name == Of(name);
}
