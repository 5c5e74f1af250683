using ActionStream.Core.Configuration;
using ActionStream.Core.Modelling;

namespace ActionStream.Host.Configuration;

/// <summary>A configuration and the model it names, both checked, also against each other.</summary>
/// <param name="Folder">The model's folder.</param>
internal sealed record Setup(PipelineOptions Options, string Folder, ModelCard Card)
{
    /// <exception cref="ConfigException">With all problems of both files.</exception>
    public static Setup Load(string path)
    {
        var (options, problems) = ConfigFile.TryLoad(path);
        var all = problems.ToList();
        var setup = options is null ? null : TryJoin(path, options, all);
        return setup is not null && all.Count == 0 ? setup : throw new ConfigException(all);
    }

    public static IReadOnlyList<ConfigProblem> Check(string path)
    {
        try
        {
            Load(path);
            return [];
        }
        catch (ConfigException wrong)
        {
            return wrong.Problems;
        }
    }

    private static Setup? TryJoin(string path, PipelineOptions options, List<ConfigProblem> problems)
    {
        try
        {
            var folder = ModelFolder.Resolve(options.Model.Path);
            var card = CardFile.Load(folder);
            var check = new ConfigCheck(path, YamlFile.Read(path, []) is { } root ? ConfigFile.WithDefaults(root) : null);
            foreach (var (key, camera) in options.Cameras)
            {
                camera.CheckAgainst(card, check.At(nameof(options.Cameras)).AtKey(key));
            }

            problems.AddRange(check.Problems.DistinctBy(problem => (problem.Line, problem.Message)));
            return new(options, folder, card);
        }
        catch (ConfigException wrong)
        {
            problems.AddRange(wrong.Problems);
            return null;
        }
    }
}
