using ActionStream.Core.Configuration;
using ActionStream.Core.Modelling;
using ActionStream.Inference;

namespace ActionStream.Host.Configuration;

/// <summary>A configuration and the model it names, both checked, also against each other.</summary>
/// <param name="Folder">The model's folder.</param>
internal sealed record LoadedConfiguration(PipelineOptions Options, string Folder, ModelCard Card)
{
    /// <param name="model">Another model than the one it names.</param>
    /// <exception cref="ConfigException">With all problems of both files.</exception>
    public static LoadedConfiguration Load(string path, string? model = null)
    {
        var (options, problems) = ConfigFile.TryLoad(path);
        options = model is null || options is null ? options : options with { Model = options.Model with { Path = model } };
        var all = problems.ToList();
        var loaded = options is null ? null : TryJoin(path, options, all);
        return loaded is not null && all.Count == 0 ? loaded : throw new ConfigException(all);
    }

    /// <summary>Everything wrong with a configuration, its model's card and its model's files.</summary>
    public static IReadOnlyList<ConfigProblem> Check(string path)
    {
        try
        {
            var loaded = Load(path);
            var check = loaded.CardCheck();
            LoadedModel.CheckFiles(loaded.Folder, loaded.Card, check);
            return check.Problems;
        }
        catch (ConfigException wrong)
        {
            return wrong.Problems;
        }
    }

    /// <summary>For problems of the card: they carry its file and its lines.</summary>
    public ConfigCheck CardCheck()
    {
        var path = Path.Combine(Folder, ModelCard.FileName);
        return new(path, YamlFile.Read(path, []));
    }

    private static LoadedConfiguration? TryJoin(string path, PipelineOptions options, List<ConfigProblem> problems)
    {
        try
        {
            var folder = ModelFolder.Resolve(options.Model.Path);
            var card = CardFile.Load(folder);
            problems.AddRange(CheckCameras(path, options, card));
            return new(options, folder, card);
        }
        catch (ConfigException wrong)
        {
            problems.AddRange(wrong.Problems);
            return null;
        }
    }

    private static IEnumerable<ConfigProblem> CheckCameras(string path, PipelineOptions options, ModelCard card)
    {
        var check = new ConfigCheck(path, YamlFile.Read(path, []) is { } root
            ? ConfigFile.WithDefaults(Variables.Fill(root, new ConfigCheck(path), Environment.GetEnvironmentVariable))
            : null);
        foreach (var (key, camera) in options.Cameras)
        {
            camera.CheckAgainst(card, check.At(nameof(options.Cameras)).AtKey(key));
        }

        return check.Problems.DistinctBy(problem => (problem.Line, problem.Message));
    }
}
