using System.Runtime.CompilerServices;
using ActionStream.Core.Configuration;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ActionStream.Host.Configuration;

/// <summary>Builds settings of one YAML text: anchors and merge keys (`&lt;&lt;`) as their users expect, each setting with the line
/// where it really stands.</summary>
internal sealed class YamlReader(Parser parser, string path, List<ConfigProblem> problems)
{
    // No setting lies this deep; a file of nothing but brackets would end the stack, and with it the program.
    private const int Deepest = 50;

    // What a file may come to with its aliases written out: ten lines of aliases of aliases are otherwise a billion settings.
    private const long Largest = 200_000;

    private const string MergeKey = "<<";

    private readonly Dictionary<AnchorName, SettingNode> _anchors = [];
    private readonly ConditionalWeakTable<SettingNode, object> _sizes = [];
    private long _size;

    /// <summary>The settings of the text's only document; an empty section if it has none.</summary>
    public SettingNode Read()
    {
        parser.Consume<StreamStart>();
        SettingNode? read = null;
        while (parser.TryConsume<DocumentStart>(out var start))
        {
            var node = ReadNode(0);
            parser.Consume<DocumentEnd>();
            _anchors.Clear();
            if (node is SettingScalar { Text: null })
            {
                continue; // a line of dashes at the top or the end
            }

            if (read is not null)
            {
                problems.Add(new(
                    path, (int)start.Start.Line, "",
                    "begins a second document (---), and a file is one; take the line out if both belong together"));
                break;
            }

            read = node;
        }

        return read ?? new SettingSection([], 1);
    }

    private SettingNode ReadNode(int depth)
    {
        if (depth > Deepest)
        {
            throw new YamlException(parser.Current!.Start, parser.Current.End, $"nested more than {Deepest} deep");
        }

        if (parser.TryConsume<AnchorAlias>(out var alias))
        {
            var known = _anchors.GetValueOrDefault(alias.Value)
                ?? throw new YamlException(alias.Start, alias.End, $"nothing is anchored as &{alias.Value}");
            _size += _sizes.TryGetValue(known, out var size) ? (long)size : 1;
            return _size <= Largest
                ? known
                : throw new YamlException(
                    alias.Start, alias.End, $"with its aliases written out the file has more than {Largest} settings");
        }

        var before = _size++;
        var start = parser.Current as NodeEvent;
        var node = parser.Current switch
        {
            Scalar => ReadScalar(parser.Consume<Scalar>()),
            SequenceStart => ReadList(depth + 1),
            _ => (SettingNode)ReadSection(depth + 1),
        };
        if (start is { Anchor.IsEmpty: false })
        {
            _anchors[start.Anchor] = node;
            _sizes.AddOrUpdate(node, _size - before);
        }

        return node;
    }

    private static SettingScalar ReadScalar(Scalar scalar) =>
        new(scalar is { IsPlainImplicit: true, Value: "" or "~" or "null" } ? null : scalar.Value, (int)scalar.Start.Line);

    private SettingList ReadList(int depth)
    {
        var line = (int)parser.Consume<SequenceStart>().Start.Line;
        var items = new List<SettingNode>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(ReadNode(depth));
        }

        return new(items, line);
    }

    private SettingSection ReadSection(int depth)
    {
        var line = (int)parser.Consume<MappingStart>().Start.Line;
        var entries = new List<SettingEntry>();
        var merged = new List<SettingEntry>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = parser.Consume<Scalar>();
            var value = ReadNode(depth);
            if (key is { IsPlainImplicit: true, Value: MergeKey })
            {
                Merge(key, value, merged);
            }
            else
            {
                entries.Add(new(key.Value, value, (int)key.Start.Line));
            }
        }

        // What the section says itself goes before what it takes over.
        var own = entries.Select(entry => entry.Key).ToHashSet(StringComparer.Ordinal);
        return new([.. entries, .. merged.Where(entry => own.Add(entry.Key))], line);
    }

    private void Merge(Scalar key, SettingNode value, List<SettingEntry> merged)
    {
        foreach (var from in value is SettingList list ? list.Items : [value])
        {
            if (from is SettingSection section)
            {
                merged.AddRange(section.Entries);
            }
            else
            {
                problems.Add(new(
                    path, (int)key.Start.Line, "", $"{MergeKey} takes over no section; expected *NAME of a section that is marked &NAME"));
            }
        }
    }
}
