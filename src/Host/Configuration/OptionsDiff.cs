using System.Collections;
using System.Reflection;
using ActionStream.Core.Configuration;

namespace ActionStream.Host.Configuration;

/// <summary>Which settings differ between two options of one kind, by their names in the file. Names
/// only: a value may be a secret.</summary>
internal static class OptionsDiff
{
    public static IReadOnlyList<string> Between(object a, object b) => [.. Differences("", a, b)];

    private static IEnumerable<string> Differences(string path, object? a, object? b)
    {
        if (ReferenceEquals(a, b))
        {
            return [];
        }

        if (a is null || b is null)
        {
            return [path];
        }

        return (a, b) switch
        {
            (string or ValueType, _) => a.Equals(b) ? [] : [path],
            (IDictionary before, IDictionary after) => before.Keys.Cast<string>().Union(after.Keys.Cast<string>())
                .SelectMany(key => Differences(Join(path, key), before[key], after[key])),
            (IEnumerable before, IEnumerable after) => IsSame([.. before.Cast<object?>()], [.. after.Cast<object?>()]) ? [] : [path],
            _ => Properties(a.GetType()).SelectMany(property => Differences(
                Join(path, SettingName.Of(property.Name)), property.GetValue(a), property.GetValue(b))),
        };
    }

    private static bool IsSame(object?[] before, object?[] after) =>
        before.Length == after.Length && before.Zip(after).All(pair => !Differences("item", pair.First, pair.Second).Any());

    private static IEnumerable<PropertyInfo> Properties(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite);

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
