using ActionStream.Core.Configuration;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ActionStream.Host.Configuration;

/// <summary>Reads YAML as settings with line numbers; the only place that knows YAML is YAML.</summary>
internal static class YamlFile
{
    // No setting lies this deep; a file of nothing but brackets would end the stack, and with it the program.
    private const int Deepest = 50;

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
            parser.Consume<StreamStart>();
            if (!parser.TryConsume<DocumentStart>(out _))
            {
                return new SettingSection([], 1);
            }

            return ReadNode(parser, [], 0);
        }
        catch (InvalidOperationException)
        {
            // The scanner's own way to say that, inside brackets, it lost its place.
            problems.Add(
                new(path, (int)(parser.Current?.Start.Line ?? 0), "", "is not YAML: a bracket or quote that opens here does not close"));
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

    private static SettingNode ReadNode(Parser parser, Dictionary<AnchorName, SettingNode> anchors, int depth)
    {
        if (depth > Deepest)
        {
            throw new YamlException(parser.Current!.Start, parser.Current.End, $"nested more than {Deepest} deep");
        }

        if (parser.TryConsume<AnchorAlias>(out var alias))
        {
            return anchors.TryGetValue(alias.Value, out var known)
                ? known
                : throw new YamlException(alias.Start, alias.End, $"nothing is anchored as &{alias.Value}");
        }

        var start = parser.Current as NodeEvent;
        var node = parser.Current switch
        {
            Scalar => ReadScalar(parser.Consume<Scalar>()),
            SequenceStart => ReadList(parser, anchors, depth + 1),
            _ => (SettingNode)ReadSection(parser, anchors, depth + 1),
        };
        if (start is { Anchor.IsEmpty: false })
        {
            anchors[start.Anchor] = node;
        }

        return node;
    }

    private static SettingScalar ReadScalar(Scalar scalar) =>
        new(scalar is { IsPlainImplicit: true, Value: "" or "~" or "null" } ? null : scalar.Value, (int)scalar.Start.Line);

    private static SettingList ReadList(Parser parser, Dictionary<AnchorName, SettingNode> anchors, int depth)
    {
        var line = (int)parser.Consume<SequenceStart>().Start.Line;
        var items = new List<SettingNode>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(ReadNode(parser, anchors, depth));
        }

        return new(items, line);
    }

    private static SettingSection ReadSection(Parser parser, Dictionary<AnchorName, SettingNode> anchors, int depth)
    {
        var line = (int)parser.Consume<MappingStart>().Start.Line;
        var entries = new List<SettingEntry>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = parser.Consume<Scalar>();
            entries.Add(new(key.Value, ReadNode(parser, anchors, depth), (int)key.Start.Line));
        }

        return new(entries, line);
    }
}
