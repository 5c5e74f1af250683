using ActionStream.Core.Configuration;
using YamlDotNet.Core;

namespace ActionStream.Host.Configuration;

/// <summary>Reads YAML as settings with line numbers; the only place that knows YAML is YAML.</summary>
internal static class YamlFile
{
    /// <summary>The file's settings, or null with the problem reported: unreadable, or not YAML.</summary>
    public static SettingNode? Read(string path, List<ConfigProblem> problems)
    {
        try
        {
            return Parse(File.ReadAllText(path), path, problems);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            var seen = unreadable is FileNotFoundException or DirectoryNotFoundException
                ? "does not exist"
                : "cannot be read: " + unreadable.Message;
            problems.Add(new(path, 0, "", $"{seen}; expected a YAML file"));
            return null;
        }
    }

    public static SettingNode? Parse(string text, string path, List<ConfigProblem> problems)
    {
        var parser = new Parser(new StringReader(text));
        try
        {
            return new YamlReader(parser, path, problems).Read();
        }
        catch (InvalidOperationException)
        {
            // The scanner's own way to say that, inside brackets, it lost its place.
            problems.Add(
                new(path, (int)(parser.Current?.Start.Line ?? 0), "", "is not YAML: a bracket or quote that opens here does not close"));
            return null;
        }
        catch (YamlException broken) when (broken.Message.Contains("tab", StringComparison.Ordinal) && TabAt(text, broken) is { } line)
        {
            problems.Add(new(path, line, "", "begins with a tab; YAML indents with spaces alone"));
            return null;
        }
        catch (YamlException broken)
        {
            // The library's message may quote the line, and the line may hold a password.
            problems.Add(
                new(path, (int)broken.Start.Line, "", $"is not YAML: {SafeUri.Scrub(Reason(broken))} (column {broken.Start.Column})"));
            return null;
        }
    }

    private static string Reason(YamlException broken)
    {
        var text = broken.Message;
        return text.StartsWith('(') && text.IndexOf("): ", StringComparison.Ordinal) is > 0 and var end ? text[(end + 3)..] : text;
    }

    // The scanner names the line that it had begun to read, not the one with the tab.
    private static int? TabAt(string text, YamlException broken)
    {
        var lines = text.Split('\n');
        var from = Math.Max(1, (int)broken.Start.Line);
        return Enumerable.Range(from, Math.Max(0, lines.Length - from + 1)).Select(line => (int?)line)
            .FirstOrDefault(line => lines[line!.Value - 1] is var content
                && content[..(content.Length - content.TrimStart(' ', '\t').Length)].Contains('\t', StringComparison.Ordinal));
    }
}
