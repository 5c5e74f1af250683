using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;

namespace ActionStream.Core.Configuration;

/// <summary>Turns a configuration as typed into an options record, and reports every name and value it cannot use.</summary>
/// <remarks>
/// Options are classes with a parameterless constructor and `init` properties: text, numbers, yes/no, durations,
/// choices (enums), secrets, addresses, other options, lists, and dictionaries by the user's own names.
/// What the file does not say keeps its default.
/// </remarks>
public static class SettingBinder
{
    public static T Bind<T>(SettingNode? node, ConfigCheck check)
        where T : class, new() => (T)BindSection(typeof(T), new T(), node, check);

    /// <summary>Like <see cref="Bind{T}(SettingNode, ConfigCheck)"/>, over defaults that another
    /// section has set. Neither is changed.</summary>
    public static T Bind<T>(SettingNode? node, ConfigCheck check, params SettingNode?[] defaults)
        where T : class, new() => Bind<T>(Overlay(defaults, node), check);

    /// <summary>The section's settings over those of the defaults before it, name by name.</summary>
    public static SettingNode? Overlay(IEnumerable<SettingNode?> defaults, SettingNode? node) =>
        defaults.Append(node).Aggregate((under, over) => (under, over) switch
        {
            (_, null or SettingScalar { Text: null }) => under,
            (SettingSection below, SettingSection above) => new SettingSection(
                [
                    .. above.Entries.Select(entry => below[entry.Key] is { } other
                        ? entry with { Value = Overlay([other], entry.Value)! }
                        : entry),
                    .. below.Entries.Where(entry => above[entry.Key] is null),
                ],
                above.Line),
            _ => over,
        });

    private static object BindSection(Type type, object options, SettingNode? node, ConfigCheck check)
    {
        switch (node)
        {
            case null or SettingScalar { Text: null }:
                return options;
            case SettingSection section:
                var known = Properties(type);
                ReportDuplicates(section, check);
                foreach (var entry in section.Entries)
                {
                    if (known.TryGetValue(entry.Key, out var property) || TryFormer(entry, known, check, out property))
                    {
                        var value = BindValue(property.PropertyType, property.GetValue(options), entry.Value, check.At(entry.Key));
                        if (value is not null)
                        {
                            property.SetValue(options, value);
                        }
                    }
                    else
                    {
                        ReportUnknown(entry, known.Keys, check);
                    }
                }

                return options;
            default:
                check.Report(node.Line, "is a single value or a list; expected a section of settings");
                return options;
        }
    }

    private static Dictionary<string, PropertyInfo> Properties(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite)
            .ToDictionary(property => SettingName.Of(property.Name), StringComparer.Ordinal);

    // Its contents are bound all the same, so that the names in it that have changed are told in the same go.
    private static bool TryFormer(
        SettingEntry entry, Dictionary<string, PropertyInfo> known, ConfigCheck check, [NotNullWhen(true)] out PropertyInfo? property)
    {
        property = known.Values.FirstOrDefault(one => one.GetCustomAttribute<FormerNameAttribute>()?.Name == entry.Key);
        if (property is not null)
        {
            check.AtKey(entry.Key).Report(entry.Line, $"has another name now; write {SettingName.Of(property.Name)}");
        }

        return property is not null;
    }

    private static void ReportUnknown(SettingEntry entry, IEnumerable<string> known, ConfigCheck check)
    {
        var hint = SettingName.Nearest(SettingName.Of(entry.Key), known) is { } meant
            ? $"did you mean {meant}?"
            : $"this section knows {string.Join(", ", known)}";
        check.AtKey(entry.Key).Report(entry.Line, $"is not a setting; {hint}");
    }

    private static void ReportDuplicates(SettingSection section, ConfigCheck check)
    {
        foreach (var twice in section.Entries.GroupBy(entry => entry.Key).Where(group => group.Count() > 1))
        {
            check.AtKey(twice.Key).Report(twice.Last().Line, $"stands twice (first in line {twice.First().Line}); keep one");
        }
    }

    private static object? BindValue(Type type, object? current, SettingNode node, ConfigCheck check)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (ListElement(type) is { } element)
        {
            return BindList(element, node, check);
        }

        if (DictionaryElement(type) is { } value)
        {
            return BindDictionary(value, node, check);
        }

        if (IsScalar(type))
        {
            return BindScalar(type, node, check);
        }

        // A fresh record, so that two owners of one default never share what only one of them changed.
        var options = Activator.CreateInstance(type)!;
        if (current is not null)
        {
            foreach (var property in Properties(type).Values)
            {
                property.SetValue(options, property.GetValue(current));
            }
        }

        return BindSection(type, options, node, check);
    }

    private static Array? BindList(Type element, SettingNode node, ConfigCheck check)
    {
        if (node is SettingScalar { Text: null })
        {
            return null;
        }

        if (node is not SettingList list)
        {
            check.Report(node.Line, "is not a list; expected [a, b] or one entry per line after a dash");
            return null;
        }

        var items = Array.CreateInstance(element, list.Items.Count);
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (BindValue(element, null, list.Items[i], check.AtKey(i.ToString(CultureInfo.InvariantCulture))) is { } item)
            {
                items.SetValue(item, i);
            }
        }

        return items;
    }

    private static IDictionary? BindDictionary(Type value, SettingNode node, ConfigCheck check)
    {
        if (node is SettingScalar { Text: null })
        {
            return null;
        }

        if (node is not SettingSection section)
        {
            check.Report(node.Line, "is not a section; expected a name and its settings on each line");
            return null;
        }

        ReportDuplicates(section, check);
        var entries = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), value))!;
        foreach (var entry in section.Entries)
        {
            if (BindValue(value, null, entry.Value, check.AtKey(entry.Key)) is { } item)
            {
                entries[entry.Key] = item;
            }
        }

        return entries;
    }

    private static object? BindScalar(Type type, SettingNode node, ConfigCheck check)
    {
        if (node is not SettingScalar scalar)
        {
            check.Report(node.Line, $"is a section or a list; expected {Expected(type)}");
            return null;
        }

        if (scalar.Text is not { } text)
        {
            return null;
        }

        object? value = type switch
        {
            _ when type == typeof(string) => text,
            _ when type == typeof(Secret) => Secret.Parse(text),
            _ when type == typeof(bool) => text.ToLowerInvariant() switch
            {
                "true" or "yes" or "on" => true,
                "false" or "no" or "off" => false,
                _ => null,
            },
            _ when type == typeof(int) =>
                int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var i) ? i : null,
            _ when type == typeof(long) =>
                long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var l) ? l : null,
            _ when type == typeof(double) =>
                double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var d) && double.IsFinite(d) ? d : null,
            _ when type == typeof(TimeSpan) => SettingText.TryParse(text, out var time) ? time : null,
            _ when type == typeof(Uri) => Uri.TryCreate(text, UriKind.Absolute, out var uri) ? uri : null,
            _ => Choices(type).FirstOrDefault(choice => string.Equals(choice.Name, text, StringComparison.OrdinalIgnoreCase)).Value,
        };
        if (value is null)
        {
            check.Report(node.Line, $"is {SafeUri.Scrub(scalar.Typed ?? text)}; expected {Expected(type)}{Suggestion(type, text)}");
        }

        return value;
    }

    private static string Expected(Type type) => type switch
    {
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(int) || type == typeof(long) => "a whole number",
        _ when type == typeof(double) => "a number",
        _ when type == typeof(TimeSpan) => "a duration with its unit, such as 500ms, 2s or 1m",
        _ when type == typeof(Uri) => "an address such as rtsp://camera/stream",
        _ when type.IsEnum => string.Join(", ", Choices(type).Select(choice => choice.Name)),
        _ => "text",
    };

    private static string Suggestion(Type type, string text) =>
        type.IsEnum && SettingName.Nearest(text.ToLowerInvariant(), Choices(type).Select(choice => choice.Name)) is { } meant
            ? $"; did you mean {meant}?"
            : "";

    private static IEnumerable<(string Name, object? Value)> Choices(Type type) =>
        Enum.GetValues(type).Cast<object>().Select(value => (SettingName.Of(value.ToString()!), (object?)value));

    private static bool IsScalar(Type type) =>
        type.IsEnum || type == typeof(string) || type == typeof(Secret) || type == typeof(bool) || type == typeof(int)
        || type == typeof(long) || type == typeof(double) || type == typeof(TimeSpan) || type == typeof(Uri);

    private static Type? ListElement(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : null;

    private static Type? DictionaryElement(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) ? type.GetGenericArguments()[1] : null;
}
