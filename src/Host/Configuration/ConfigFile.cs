using ActionStream.Core.Configuration;

namespace ActionStream.Host.Configuration;

/// <summary>From a YAML file to checked options: read, fill in variables, overlay defaults, bind, check. Every problem at once.</summary>
internal static class ConfigFile
{
    /// <exception cref="ConfigException">With all problems, in the order of the file.</exception>
    public static PipelineOptions Load(string path, Func<string, string?>? environment = null)
    {
        var (options, problems) = TryLoad(path, environment);
        return options is not null && problems.Count == 0 ? options : throw new ConfigException(problems);
    }

    /// <summary>The options as far as they could be read, null if the file is no YAML, and what is wrong with them.</summary>
    public static (PipelineOptions? Options, IReadOnlyList<ConfigProblem> Problems) TryLoad(
        string path, Func<string, string?>? environment = null)
    {
        List<ConfigProblem> problems = [];
        return YamlFile.Read(path, problems) is { } root && problems.Count == 0
            ? Bind(path, root, environment ?? Environment.GetEnvironmentVariable)
            : (null, problems);
    }

    public static (PipelineOptions Options, IReadOnlyList<ConfigProblem> Problems) Bind(
        string path, SettingNode typed, Func<string, string?> environment)
    {
        var check = new ConfigCheck(path, typed);
        var root = Variables.Fill(typed, check, environment);
        var unfilled = check.Problems.Count;
        var missing = check.Problems.Select(problem => problem.Line).ToHashSet();

        var whole = WithDefaults(root);
        check = check.With(whole);
        var options = SettingBinder.Bind<PipelineOptions>(whole, check);
        options.Check(check);
        LocalZone.Check(options, environment("TZ"), check);

        // A setting in `defaults` is read once for each camera, but its mistake is one; and a variable that is
        // missing is the cause of whatever else is wrong in its line.
        var problems = check.Problems
            .Where((problem, i) => !missing.Contains(problem.Line) || i < unfilled)
            .DistinctBy(problem => (problem.Line, problem.Message))
            .OrderBy(problem => problem.Line)
            .ToArray();
        return (options, problems);
    }

    /// <summary>The tree in which every camera carries the defaults, each setting with the line where it really stands.</summary>
    public static SettingNode WithDefaults(SettingNode root)
    {
        if (root is not SettingSection sections || sections["defaults"] is not SettingSection defaults
            || sections["cameras"] is not SettingSection cameras)
        {
            return root;
        }

        var overlaid = cameras with
        {
            Entries = [.. cameras.Entries.Select(camera => camera with { Value = SettingBinder.Overlay([defaults], camera.Value)! })],
        };
        return sections with
        {
            Entries = [.. sections.Entries.Select(entry => entry.Key == "cameras" ? entry with { Value = overlaid } : entry)],
        };
    }
}
