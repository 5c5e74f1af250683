using ActionStream.Core.Configuration;
using ActionStream.Core.Modelling;
using ActionStream.Host;
using ActionStream.Host.Configuration;
using ActionStream.Inference;
using ActionStream.Inference.Batching;
using ActionStream.Inference.Configuration;
using ActionStream.Inference.Scoring;
using ActionStream.Ingest.Sources;
using Microsoft.Extensions.Logging;

namespace ActionStream.Evaluation.Replaying;

/// <summary>Which model looks at recordings, and as which camera: everything but the recording itself.</summary>
/// <param name="Node">What messages name as the machine.</param>
/// <param name="Stream">What messages name as the camera.</param>
internal sealed record ReplayConfiguration(
    string Folder, ModelCard Card, InferenceOptions Model, string Node, string Stream, CameraOptions Camera)
{
    /// <summary>The machine's and the camera's name where no configuration gives one; also the boot id of all replays.</summary>
    public const string Unnamed = "replay";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <param name="model">A model's folder; null for the configuration's, or the packaged one.</param>
    /// <param name="config">A configuration for the camera's settings; null for those every camera has by default.</param>
    /// <param name="camera">The camera's key; null for the only one there is.</param>
    /// <exception cref="ConfigException">The configuration or the model's card is wrong.</exception>
    /// <exception cref="UsageException">No such camera, or a hop that does not fit the model.</exception>
    public static ReplayConfiguration Of(string? model, string? config, string? camera, int? hop, WindowPath path, DeviceRequest device)
    {
        var loaded = config is null ? Default(model ?? ModelFolder.Default, camera) : Configured(config, model, camera);
        loaded = loaded with { Model = ModelOptionsFor(path, device), Camera = loaded.Camera with { Hop = hop ?? loaded.Camera.Hop } };
        return hop is null || (hop >= 1 && hop <= loaded.Card.Input.Frames)
            ? loaded
            : throw new UsageException(
                $"--hop is {hop}; expected 1 to {loaded.Card.Input.Frames}, the model's frames: a longer hop would leave frames unseen");
    }

    /// <summary>The camera's settings for one recording.</summary>
    /// <remarks>Decoded in software, and without reading the decoder's complaints: a line tells no time, and two runs would differ. A file
    /// is not silent because the machine is busy.</remarks>
    public CameraOptions CameraFor(string url) => Camera with
    {
        Url = url,
        Loop = false,
        Realtime = false,
        Hwaccel = Hwaccel.None,
        InputArguments = [],
        StallTimeout = Patience,
        ConnectTimeout = Patience,
        Quality = Camera.Quality with { DamagedFor = TimeSpan.Zero },
    };

    /// <exception cref="ConfigException">Card and files do not fit.</exception>
    public LoadedModel Load(ILoggerFactory log)
    {
        var card = Path.Combine(Folder, ModelCard.FileName);
        return LoadedModel.Load(
            Folder, Card, new ConfigCheck(card, YamlFile.Read(card, [])), Model, TimeProvider.System, log.CreateLogger<LoadedModel>());
    }

    // One window in each run: batches of different sizes may differ in the last bit.
    private static InferenceOptions ModelOptionsFor(WindowPath path, DeviceRequest device) => new()
    {
        Device = device,
        Windows = path,
        SelfCheck = TimeSpan.Zero,
        Batch = new() { MaxSize = 1, Workers = 1 },
    };

    private static ReplayConfiguration Default(string model, string? camera)
    {
        var folder = ModelFolder.Resolve(model);
        return camera is null
            ? new(folder, CardFile.Load(folder), new(), Unnamed, Unnamed, new())
            : throw new UsageException("--camera names a camera of a configuration; give that with -c");
    }

    private static ReplayConfiguration Configured(string config, string? model, string? camera)
    {
        var loaded = LoadedConfiguration.Load(config, model);
        var cameras = loaded.Options.Cameras;
        var key = camera ?? (cameras.Count == 1 ? cameras.Keys.First() : throw new UsageException(
            $"{config} has {cameras.Count} cameras; say whose settings to use with --camera: {string.Join(", ", cameras.Keys)}"));
        return cameras.TryGetValue(key, out var options)
            ? new(loaded.Folder, loaded.Card, new(), loaded.Options.Node, key, options)
            : throw new UsageException($"--camera is {key}; {config} has {string.Join(", ", cameras.Keys)}");
    }
}
