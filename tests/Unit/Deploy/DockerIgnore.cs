using System.Text;
using System.Text.RegularExpressions;

namespace ActionStream.Unit.Deploy;

/// <summary>What a .dockerignore lets through to the engine: the last pattern that names a file or a folder above it decides.</summary>
internal sealed class DockerIgnore
{
    private readonly (string Text, Regex Path, bool IsException)[] _patterns;

    public DockerIgnore(string text) => _patterns =
    [
        .. text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#').Select(line =>
        {
            var isException = line[0] == '!';
            var pattern = (isException ? line[1..].Trim() : line).Trim('/');
            return (pattern, new Regex($"^{Translate(pattern)}(/.*)?$", RegexOptions.CultureInvariant), isException);
        }),
    ];

    /// <summary>A pattern of Docker's as a regular expression: * and ? stay within a name, ** passes any number of folders.</summary>
    public static string Translate(string pattern)
    {
        var expression = new StringBuilder();
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '*' when pattern.AsSpan(i).StartsWith("**"):
                    var isFolders = pattern.AsSpan(i).StartsWith("**/");
                    expression.Append(isFolders ? "(.*/)?" : ".*");
                    i += isFolders ? 2 : 1;
                    break;
                case '*':
                    expression.Append("[^/]*");
                    break;
                case '?':
                    expression.Append("[^/]");
                    break;
                case '[' when pattern.IndexOf(']', i) is > 0 and var end:
                    expression.Append(pattern, i, end - i + 1);
                    i = end;
                    break;
                default:
                    expression.Append(Regex.Escape(pattern[i].ToString()));
                    break;
            }
        }

        return expression.ToString();
    }

    public bool LetsThrough(string path)
    {
        var isOut = false;
        foreach (var pattern in _patterns)
        {
            // Only a pattern that would change the answer is worth asking.
            if (pattern.IsException == isOut && pattern.Path.IsMatch(path))
            {
                isOut = !isOut;
            }
        }

        return !isOut;
    }

    /// <summary>The build context: every file below the folder that is let through, relative to it.</summary>
    public IReadOnlyList<string> Files(string root)
    {
        List<string> files = [];
        Walk("");
        files.Sort(StringComparer.Ordinal);
        return files;

        void Walk(string folder)
        {
            var here = Path.Combine(root, folder);
            files.AddRange(Directory.EnumerateFiles(here).Select(file => Path.GetRelativePath(root, file)).Where(LetsThrough));
            foreach (var below in Directory.EnumerateDirectories(here).Select(path => Path.GetRelativePath(root, path)))
            {
                // A folder that is left out is entered only for an exception below it, as the engine does.
                if (LetsThrough(below) || HasExceptionBelow(below))
                {
                    Walk(below);
                }
            }
        }

        bool HasExceptionBelow(string folder) =>
            _patterns.Any(pattern => pattern.IsException && pattern.Text.StartsWith(folder + "/", StringComparison.Ordinal));
    }
}
