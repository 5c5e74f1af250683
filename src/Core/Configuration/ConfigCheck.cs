using System.Globalization;
using System.Runtime.CompilerServices;

namespace ActionStream.Core.Configuration;

/// <summary>Collects everything wrong with a configuration, each problem with its file, line and full path.</summary>
public sealed class ConfigCheck
{
    private readonly string _file;
    private readonly string _path;
    private readonly SettingNode? _node;
    private readonly int _line;
    private readonly List<ConfigProblem> _problems;

    public ConfigCheck(string file, SettingNode? root = null)
        : this(file, "", root, root?.Line ?? 0, [])
    {
    }

    private ConfigCheck(string file, string path, SettingNode? node, int line, List<ConfigProblem> problems) =>
        (_file, _path, _node, _line, _problems) = (file, path, node, line, problems);

    public IReadOnlyList<ConfigProblem> Problems => _problems;

    public string Path => _path;

    /// <summary>The same check over another version of the tree, such as the one with variables filled in.</summary>
    public ConfigCheck With(SettingNode? node) => new(_file, _path, node, node?.Line ?? _line, _problems);

    /// <summary>The same check, one section deeper. Takes the property's name or the file's.</summary>
    public ConfigCheck At(string section)
    {
        var (node, line) = Find(_node, SettingName.Of(section));
        return new(_file, Join(SettingName.Of(section)), node, node is null ? _line : line, _problems);
    }

    /// <summary>The same check at an entry whose key is the user's own word, such as a camera's name.</summary>
    public ConfigCheck AtKey(string key)
    {
        var (node, line) = Find(_node, key);
        return new(_file, Join(key), node, node is null ? _line : line, _problems);
    }

    public void Expect(
        bool isFine, object? value, string expected, [CallerArgumentExpression(nameof(value))] string setting = "")
    {
        if (!isFine)
        {
            Report(setting, value is null or "" or Secret { IsEmpty: true }
                ? $"is missing; expected {expected}"
                : $"is {ShownOf(setting) ?? Show(value)}; expected {expected}");
        }
    }

    public void Report(string setting, string problem)
    {
        var check = setting.Split('.', StringSplitOptions.RemoveEmptyEntries).Aggregate(this, (at, name) => at.At(name));
        check.Report(problem);
    }

    /// <summary>A problem with the section itself.</summary>
    public void Report(string problem) => Report(_line, problem);

    public void Report(int line, string problem)
    {
        // What came from outside the file is shown as the file names it, whatever the message is made of.
        problem = _node is SettingScalar { IsFilled: true, Text.Length: > 3 } filled
            ? problem.Replace(filled.Text!, filled.Typed, StringComparison.Ordinal)
            : problem;
        _problems.Add(new(_file, line, _path, SafeUri.Scrub(problem)));
    }

    /// <summary>Throws everything that was collected, in the order of the file.</summary>
    public void ThrowIfAny()
    {
        if (_problems.Count > 0)
        {
            throw new ConfigException([.. _problems.OrderBy(problem => problem.Line)]);
        }
    }

    private static (SettingNode? Node, int Line) Find(SettingNode? node, string key) => node switch
    {
        SettingSection section when section.Entries.FirstOrDefault(entry => entry.Key == key) is { } entry => (entry.Value, entry.Line),
        SettingList list when int.TryParse(key, CultureInfo.InvariantCulture, out var index) && index < list.Items.Count
            => (list.Items[index], list.Items[index].Line),
        _ => (null, 0),
    };

    // Null where the value stands in the file.
    private string? ShownOf(string setting) =>
        setting.Split('.', StringSplitOptions.RemoveEmptyEntries).Aggregate(this, (at, name) => at.At(name))._node
            is SettingScalar { IsFilled: true } filled
            ? $"{filled.Typed}, whose value is not shown"
            : null;

    private static string Show(object value) => value switch
    {
        TimeSpan time => SettingText.Of(time),
        Enum choice => SettingName.Of(choice.ToString()),
        bool answer => answer ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => SafeUri.Scrub(value.ToString() ?? ""),
    };

    private string Join(string name) => _path.Length == 0 ? name : $"{_path}.{name}";
}
