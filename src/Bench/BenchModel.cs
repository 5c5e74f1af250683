using ActionStream.Core.Configuration;
using ActionStream.Core.Files;
using ActionStream.Core.Modelling;
using ActionStream.Host;
using ActionStream.Host.Configuration;
using ActionStream.Inference;
using ActionStream.Inference.Configuration;
using ActionStream.Models;
using Microsoft.Extensions.Logging;

namespace ActionStream.Bench;

/// <summary>The model that a measurement runs: one that is there, or a preset with seeded weights that
/// lives as long as the measurement.</summary>
internal sealed class BenchModel : IDisposable
{
    private readonly TemporaryFolder? _temporary;

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

        (_temporary, Card) = Build(preset, new() { Split = Presets.Named(preset).IsStreamable, Frames = frames });
        Folder = _temporary.Path;
    }

    /// <param name="options">How the preset is built.</param>
    public BenchModel(string preset, BuildOptions options)
    {
        (_temporary, Card) = Build(preset, options);
        Folder = _temporary.Path;
    }

    public string Folder { get; }

    public ModelCard Card { get; }

    public LoadedModel Load(InferenceOptions options, ILoggerFactory log) =>
        LoadedModel.Load(Folder, Card, new ConfigCheck(Folder), options, TimeProvider.System, log.CreateLogger<LoadedModel>());

    private static (TemporaryFolder Folder, ModelCard Card) Build(string preset, BuildOptions options)
    {
        var folder = new TemporaryFolder("bench");
        try
        {
            var card = ModelBuilder.Build(preset, options, folder.Path).Card;
            CardFile.Save(card, folder.Path);
            return (folder, card);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    public void Dispose() => _temporary?.Dispose();
}
