using ActionStream.Core.Configuration;

namespace ActionStream.Host.Configuration;

/// <summary>What configs/default.yaml says about each setting: the lines of comment right above it.</summary>
internal sealed class SettingComments
{
    private readonly Dictionary<string, string> _comments = new(StringComparer.Ordinal);
    private readonly string[] _lines;

    /// <param name="path">The file in which every setting stands.</param>
    /// <exception cref="ConfigException">It cannot be read.</exception>
    public SettingComments(string path)
    {
        List<ConfigProblem> problems = [];
        var root = YamlFile.Read(path, problems);
        if (root is not SettingSection sections)
        {
            throw new ConfigException(problems);
        }

        _lines = File.ReadAllLines(path);
        Read(sections, "");
    }

    /// <param name="path">Names by dots; `*` for a key that is the user's own.</param>
    public string? Of(string path) => _comments.GetValueOrDefault(path);

    private void Read(SettingSection section, string path)
    {
        foreach (var entry in section.Entries)
        {
            // The examples' own keys: a camera's, a class's, a zone's.
            var name = path is "cameras" || path.EndsWith(".classes", StringComparison.Ordinal)
                || path.EndsWith(".zones", StringComparison.Ordinal)
                ? "*"
                : entry.Key;
            var at = path.Length == 0 ? name : $"{path}.{name}";
            if (Above(entry.Line) is { Length: > 0 } said)
            {
                _comments[at] = said;
            }

            if (entry.Value is SettingSection inner)
            {
                Read(inner, at);
            }
        }
    }

    private string Above(int line)
    {
        var first = line - 1; // of the setting, from 0
        while (first > 0 && _lines[first - 1].TrimStart().StartsWith('#'))
        {
            first--;
        }

        return string.Join(' ', _lines[first..(line - 1)].Select(comment => comment.TrimStart().TrimStart('#').Trim()));
    }
}
