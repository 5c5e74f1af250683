namespace ActionStream.Core.Configuration;

/// <summary>A piece of a configuration file as it was typed, with its line: what parsers make and
/// <see cref="SettingBinder"/> reads.</summary>
/// <param name="Line">Line in the file, from 1.</param>
public abstract record SettingNode(int Line);

/// <summary>A single value, still text.</summary>
/// <param name="Text">Null where the file says nothing, `~` or `null`.</param>
public sealed record SettingScalar(string? Text, int Line) : SettingNode(Line)
{
    /// <summary>What messages may show: the text as typed, with `${…}` where a secret was filled in.</summary>
    public string? Typed { get; init; } = Text;

    /// <summary>True where some of it came from outside the file.</summary>
    public bool IsFilled => Typed != Text;
}

/// <summary>Values in order.</summary>
public sealed record SettingList(IReadOnlyList<SettingNode> Items, int Line) : SettingNode(Line);

/// <summary>Values by name, in the file's order.</summary>
public sealed record SettingSection(IReadOnlyList<SettingEntry> Entries, int Line) : SettingNode(Line)
{
    public SettingNode? this[string key] => Entries.FirstOrDefault(entry => entry.Key == key)?.Value;
}

/// <summary>One name of a section and its value.</summary>
/// <param name="Line">Line of the name.</param>
public sealed record SettingEntry(string Key, SettingNode Value, int Line);
