using System.Text.RegularExpressions;
using ActionStream.Core.Configuration;

namespace ActionStream.Host.Configuration;

/// <summary>Fills in what a file must not hold itself: ${NAME}, ${NAME:-default} and ${file:/run/secrets/name}.
/// $$ stands for one dollar sign.</summary>
internal static partial class Variables
{
    public static SettingNode Fill(SettingNode node, ConfigCheck check, Func<string, string?> environment) => node switch
    {
        SettingScalar { Text: { } text } scalar when text.Contains('$') =>
            scalar with { Text = Fill(text, scalar.Line, check, environment), Typed = text },
        SettingList list => list with
        {
            Items = [.. list.Items.Select((item, i) => Fill(item, check.AtKey($"{i}"), environment))],
        },
        SettingSection section => section with
        {
            Entries = [.. section.Entries.Select(entry => entry with { Value = Fill(entry.Value, check.AtKey(entry.Key), environment) })],
        },
        _ => node,
    };

    private static string Fill(string text, int line, ConfigCheck check, Func<string, string?> environment) =>
        Reference().Replace(text, match =>
        {
            if (match.Value == "$$")
            {
                return "$";
            }

            if (match.Groups["file"].Success)
            {
                return ReadSecret(match.Groups["file"].Value, line, check);
            }

            var name = match.Groups["name"].Value;
            var value = environment(name);
            if (string.IsNullOrEmpty(value) && match.Groups["default"].Success)
            {
                return match.Groups["default"].Value;
            }

            if (value is null)
            {
                check.Report(line, $"needs the environment variable {name}, which is not set; set it, or write ${{{name}:-default}}");
            }

            return value ?? "";
        });

    private static string ReadSecret(string path, int line, ConfigCheck check)
    {
        var (text, problem) = OutsideFile.Read(path);
        if (problem is not null)
        {
            check.Report(line, $"needs the file {path}, which {problem}");
        }

        KnownSecrets.Learn(text); // why else would it have a file of its own
        return text ?? "";
    }

    [GeneratedRegex(@"\$\$|\$\{file:(?<file>[^}]+)\}|\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?<default>[^}]*))?\}")]
    private static partial Regex Reference();
}
