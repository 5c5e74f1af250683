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
        foreach (var letter in name.Normalize(NormalizationForm.FormD).ToLowerInvariant())
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
        return text.Length > MaxLength ? text[..MaxLength] : text;
    }

    /// <summary>True if the name is a slug already, and so can be a key in the configuration.</summary>
    public static bool IsSlug(string name) => name.Length > 0 && name == Of(name);
}
