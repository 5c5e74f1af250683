using ActionStream.Core.Configuration;
using ActionStream.Models.Foreign;

namespace ActionStream.Host.Configuration;

/// <summary>Reads the card that a person writes for somebody else's ONNX file.</summary>
internal static class AdoptCard
{
    /// <exception cref="ConfigException">Not there, not YAML, or wrong: every problem at once.</exception>
    public static AdoptOptions Load(string path)
    {
        List<ConfigProblem> problems = [];
        var root = YamlFile.Read(path, problems);
        if (problems.Count > 0)
        {
            throw new ConfigException(problems);
        }

        var check = new ConfigCheck(path, root);
        var options = SettingBinder.Bind<AdoptOptions>(root, check);
        if (check.Problems.Count == 0)
        {
            options.Check(check);
        }

        check.ThrowIfAny();
        return options.LabelsFile.Length == 0 ? options : options with { Labels = ReadLabels(path, options.LabelsFile, check) };
    }

    private static string[] ReadLabels(string card, string name, ConfigCheck check)
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(card))!, name);
        string[] labels = [];
        try
        {
            labels = [.. File.ReadLines(path).Select(line => line.Trim()).Where(line => line.Length > 0)];
            check.Expect(labels.Length > 0, name, "a file with one label per line; it is empty", nameof(AdoptOptions.LabelsFile));
            check.Expect(
                labels.Distinct(StringComparer.Ordinal).Count() == labels.Length, name, "a file with each label once",
                nameof(AdoptOptions.LabelsFile));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            check.Report(nameof(AdoptOptions.LabelsFile), $"is {name}; it cannot be read beside the card: {unreadable.Message}");
        }

        check.ThrowIfAny();
        return labels;
    }
}
