using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActionStream.Core.Configuration;
using Microsoft.Extensions.Logging;

namespace ActionStream.Host.Configuration;

/// <summary>The settings as a JSON schema, so that editors complete and check a configuration while it is typed.</summary>
/// <remarks>
/// Made from the option types, with the comments of configs/default.yaml as descriptions. It accepts what the binder
/// accepts, `${NAME}` in the place of any value included; what only `check` can know (sums, other files) it lets pass.
/// </remarks>
/// <param name="comments">What is said about a setting, by its path; cameras stand under the key `*`.</param>
internal sealed class SettingsSchema(Func<string, string?> comments)
{
    private const string Camera = "camera";

    public static JsonObject Of(SettingComments comments)
    {
        var schema = new SettingsSchema(comments.Of);
        var root = schema.Section(typeof(PipelineOptions), new PipelineOptions(), "");
        root.Insert(0, "$schema", "http://json-schema.org/draft-07/schema#");
        root.Insert(1, "title", "ActionStream configuration");
        root["patternProperties"] = new JsonObject
        {
            ["^x-"] = new JsonObject
            {
                ["description"] = "A section for &anchors that others take over with <<: *NAME; not read by itself.",
            },
        };
        root["required"] = new JsonArray("cameras");
        root["definitions"] = new JsonObject { [Camera] = schema.Section(typeof(CameraOptions), new CameraOptions(), "cameras.*") };
        return root;
    }

    private JsonObject Section(Type type, object defaults, string path)
    {
        var properties = new JsonObject();
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite))
        {
            var name = SettingName.Of(property.Name);
            var at = path.Length == 0 ? name : $"{path}.{name}";
            var setting = Setting(property.PropertyType, property.GetValue(defaults), at);
            if (comments(at) is { } said)
            {
                setting.Insert(0, "description", said);
            }

            properties[name] = setting;
        }

        return new() { ["type"] = new JsonArray("object", "null"), ["properties"] = properties, ["additionalProperties"] = false };
    }

    private JsonObject Setting(Type type, object? value, string path)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(CameraOptions))
        {
            return new() { ["allOf"] = new JsonArray(Reference()) };
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>))
        {
            return Entries(type.GetGenericArguments()[1], path);
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
        {
            return new()
            {
                ["type"] = new JsonArray("array", "null"),
                ["items"] = Setting(type.GetGenericArguments()[0], null, path + ".*"),
            };
        }

        if (SettingKind.Of(type) is not { } kind)
        {
            return Section(type, value ?? Activator.CreateInstance(type)!, path);
        }

        // The node's default is the machine's own name, and a secret has none.
        return path != "node" && SettingKind.Default(value) is { } usual ? new(kind.Append(new("default", usual))) : new(kind);
    }

    private JsonObject Entries(Type type, string path)
    {
        var entries = new JsonObject { ["type"] = new JsonArray("object", "null") };
        if (type == typeof(CameraOptions))
        {
            entries["minProperties"] = 1;
            entries["propertyNames"] = new JsonObject { ["pattern"] = "^[a-z0-9][a-z0-9_-]{0,63}$" };
            entries["additionalProperties"] = Reference();
        }
        else
        {
            entries["additionalProperties"] = Setting(type, Activator.CreateInstance(type), path + ".*");
        }

        return entries;
    }

    private static JsonObject Reference() => new() { ["$ref"] = $"#/definitions/{Camera}" };
}

/// <summary>How single values look in a schema.</summary>
internal static class SettingKind
{
    private const string Variable = @"\$\{";
    private const string Duration = @"^\s*\d+(\.\d+)?(ms|s|m|h|d)$";

    /// <summary>The keywords for a type; null for a section of settings.</summary>
    public static KeyValuePair<string, JsonNode?>[]? Of(Type type) => type switch
    {
        _ when type == typeof(bool) =>
            OrVariable(new() { ["type"] = "boolean" }, new() { ["enum"] = new JsonArray("yes", "no", "on", "off") }),
        _ when type == typeof(int) || type == typeof(long) => OrVariable(new JsonObject { ["type"] = "integer" }),
        _ when type == typeof(double) => OrVariable(new JsonObject { ["type"] = "number" }),
        _ when type == typeof(TimeSpan) => OrVariable(new JsonObject { ["type"] = "string", ["pattern"] = Duration }),
        _ when type.IsEnum =>
            OrVariable(new JsonObject { ["enum"] = new JsonArray([.. Choices(type).Select(choice => (JsonNode)choice)]) }),
        _ when type == typeof(string) || type == typeof(Secret) || type == typeof(Uri) =>
            [new("type", new JsonArray("string", "number", "boolean", "null"))], // 1234 is a password too
        _ => null,
    };

    public static JsonNode? Default(object? value) => value switch
    {
        null or Secret or "" => null,
        TimeSpan time => SettingText.Of(time),
        Enum choice => SettingName.Of(choice.ToString()),
        bool or int or long or double or string => JsonSerializer.SerializeToNode(value),
        IEnumerable => null,
        _ => null,
    };

    private static KeyValuePair<string, JsonNode?>[] OrVariable(params JsonObject[] forms) =>
    [
        new("anyOf", new JsonArray(
        [
            .. forms, new JsonObject { ["type"] = "string", ["pattern"] = Variable }, new JsonObject { ["type"] = "null" },
        ])),
    ];

    private static IEnumerable<string> Choices(Type type) => Enum.GetNames(type)
        .Where(name => type != typeof(LogLevel) || name is not (nameof(LogLevel.Critical) or nameof(LogLevel.None))) // nothing logs there
        .Select(SettingName.Of);
}
