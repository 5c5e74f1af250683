using ActionStream.Core.Configuration;
using ActionStream.Core.Modelling;
using ActionStream.Core.Results;
using ActionStream.Host.Configuration;

namespace ActionStream.Evaluation.Judging;

/// <summary>What becomes of clips with a data set's label.</summary>
internal enum Fate
{
    /// <summary>They are judged against one of the model's labels.</summary>
    Judged,

    /// <summary>Nothing should happen in them: what the model says is a false event, and no more is asked of it.</summary>
    Quiet,

    /// <summary>The map says that they are not to count.</summary>
    LeftOut,

    /// <summary>Neither the model nor the map knows the label.</summary>
    Unknown,
}

/// <summary>From a data set's labels to the model's: by the map where it names them, else by equal names.</summary>
internal sealed class LabelMapping
{
    /// <summary>In a map: leave the clip out, and count what the model finds in it as false.</summary>
    public const string Quiet = "quiet";

    private readonly ModelCard _card;
    private readonly Dictionary<string, (Fate Fate, int Label)> _named = new(StringComparer.Ordinal);

    public LabelMapping(ModelCard card) => _card = card;

    /// <param name="path">A map, YAML or JSON: data label → model label, null or `quiet`; null for none.</param>
    /// <exception cref="ConfigException">Unreadable, or it names labels that the model does not know: every problem at once.</exception>
    public static LabelMapping Load(string? path, ModelCard card)
    {
        var mapping = new LabelMapping(card);
        if (path is null)
        {
            return mapping;
        }

        List<ConfigProblem> problems = [];
        var root = YamlFile.Read(path, problems);
        if (problems.Count > 0)
        {
            throw new ConfigException(problems);
        }

        var check = new ConfigCheck(path, root);
        if (root is SettingSection section)
        {
            foreach (var entry in section.Entries)
            {
                mapping.Name(entry, check.AtKey(entry.Key));
            }
        }
        else
        {
            check.Report("is a single value or a list; expected a line for each label of the data: its name, a colon, the model's label");
        }

        check.ThrowIfAny();
        return mapping;
    }

    /// <summary>What to do with a label of the data, and the index of the model's label if it is to be judged, else -1.</summary>
    public (Fate Fate, int Label) Of(string label) =>
        _named.TryGetValue(label, out var named) ? named : Index(label) is >= 0 and var index ? (Fate.Judged, index) : (Fate.Unknown, -1);

    private void Name(SettingEntry entry, ConfigCheck check)
    {
        if (_named.ContainsKey(entry.Key))
        {
            check.Report(entry.Line, "stands twice; keep one");
        }

        switch (entry.Value)
        {
            case SettingScalar { Text: null }:
                _named[entry.Key] = (Fate.LeftOut, -1);
                break;
            case SettingScalar { Text: { } text } when Index(text) is >= 0 and var index:
                _named[entry.Key] = (Fate.Judged, index);
                break;
            case SettingScalar { Text: Quiet }:
                _named[entry.Key] = (Fate.Quiet, -1);
                break;
            case SettingScalar { Text: { } text }:
                var hint = SettingName.Nearest(text, _card.Labels) is { } meant ? $"did you mean {meant}?" : $"it knows {KnownBy(_card)}";
                check.Report(entry.Line, $"is {text}; expected a label of model {_card.Name}, null or {Quiet}; {hint}");
                break;
            default:
                check.Report(entry.Line, "is a section or a list; expected one label of the model, null or quiet");
                break;
        }
    }

    // Folders and files write fall_floor for "Fall floor".
    private int Index(string label)
    {
        var labels = _card.Labels.ToList();
        return labels.IndexOf(label) is >= 0 and var exact ? exact : labels.FindIndex(known => Slug.Of(known) == Slug.Of(label));
    }

    internal static string KnownBy(ModelCard card) => $"{string.Join(", ", card.Labels.Take(20))}{(card.Labels.Count > 20 ? ", …" : "")}";
}
