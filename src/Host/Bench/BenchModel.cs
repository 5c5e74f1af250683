using ActionStream.Core.Configuration;
using ActionStream.Core.Modelling;
using ActionStream.Host.Configuration;
using ActionStream.Inference;
using ActionStream.Models;
using Microsoft.Extensions.Logging;

namespace ActionStream.Host.Bench;

/// <summary>The model that a measurement runs: one that is there, or a preset with seeded weights that lives as long as the measurement.</summary>
internal sealed class BenchModel : IDisposable
{
    private readonly DirectoryInfo? _temporary;

    /// <param name="folder">A model's folder; null to build the preset.</param>
    /// <param name="frames">T of the preset; 0 for its own.</param>
    public BenchModel(string? folder, string preset, int frames = 0)
    {
        if (folder is not null)
        {
            Folder = ModelFolder.Resolve(folder);
            Card = CardFile.Load(Folder);
            return;
        }

        _temporary = Directory.CreateTempSubdirectory("actionstream-bench-");
        Folder = _temporary.FullName;
        Card = ModelBuilder.Build(preset, new BuildOptions { Split = Presets.Named(preset).IsStreamable, Frames = frames }, Folder).Card;
        CardFile.Save(Card, Folder);
    }

    public string Folder { get; }

    public ModelCard Card { get; }

    public LoadedModel Load(InferenceOptions options, ILoggerFactory log) =>
        LoadedModel.Load(Folder, Card, new ConfigCheck(Folder), options, TimeProvider.System, log.CreateLogger<LoadedModel>());

    public void Dispose() => _temporary?.Delete(recursive: true);
}
