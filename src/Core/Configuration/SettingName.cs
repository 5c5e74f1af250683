using System.Text;

namespace ActionStream.Core.Configuration;

/// <summary>Settings are written snake_case in files and PascalCase in code; this is the one place that knows both.</summary>
public static class SettingName
{
    /// <summary>MaxDelay → max_delay; a name that is already snake_case stays as it is.</summary>
    public static string Of(string property)
    {
        var name = new StringBuilder(property.Length + 4);
        for (var i = 0; i < property.Length; i++)
        {
            if (char.IsUpper(property[i]) && i > 0 && !char.IsUpper(property[i - 1]) && property[i - 1] != '_' && property[i - 1] != '.')
            {
                name.Append('_');
            }

            name.Append(char.ToLowerInvariant(property[i]));
        }

        return name.ToString();
    }

    /// <summary>The known name nearest to what was typed, if it is near enough to be what was meant.</summary>
    public static string? Nearest(string typed, IEnumerable<string> known) =>
        known.Select(name => (Name: name, Distance: Distance(typed, name)))
            .Where(candidate => candidate.Distance <= Math.Max(2, typed.Length / 4))
            .OrderBy(candidate => candidate.Distance)
            .Select(candidate => candidate.Name)
            .FirstOrDefault();

    // Edits to make one word of the other: insert, delete, replace, or swap two neighbours (the commonest slip of the fingers).
    private static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    d[i, j] = i + j;
                    continue;
                }

                var replaced = d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                d[i, j] = Math.Min(replaced, Math.Min(d[i - 1, j], d[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
                }
            }
        }

        return d[a.Length, b.Length];
    }
}
