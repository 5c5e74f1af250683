using ActionStream.Core.Configuration;
using ActionStream.Core.Modelling;
using ActionStream.Host.Configuration;
using ActionStream.Inference;
using ActionStream.Ingest;
using Microsoft.Extensions.Logging;

namespace ActionStream.Host.Replaying;

/// <summary>Which model looks at recordings, and as which camera: everything but the recording itself.</summary>
/// <param name="Node">What messages name as the machine.</param>
/// <param name="Stream">What messages name as the camera.</param>
internal sealed record ReplaySetup(string Folder, ModelCard Card, InferenceOptions Model, string Node, string Stream, CameraOptions Camera)
{
    /// <summary>The machine's and the camera's name where no configuration gives one; also the boot id of all replays.</summary>
    public const string Unnamed = "replay";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>With the settings a camera has by default.</summary>
    /// <exception cref="UsageException">The hop does not fit the model.</exception>
    public static ReplaySetup Of(string model, int? hop, WindowPath path, DeviceRequest device)
    {
        var folder = ModelFolder.Resolve(model);
        return new ReplaySetup(folder, CardFile.Load(folder), ModelOptionsFor(path, device), Unnamed, Unnamed, new()).WithHop(hop);
    }

    /// <summary>With the settings of a configuration's camera.</summary>
    /// <param name="model">Another model than the configuration's.</param>
    /// <param name="camera">Its key; null for the only one there is.</param>
    public static ReplaySetup Of(string config, string? model, string? camera, int? hop, WindowPath path, DeviceRequest device)
    {
        var setup = Setup.Load(config, model);
        var cameras = setup.Options.Cameras;
        var key = camera ?? (cameras.Count == 1 ? cameras.Keys.First() : throw new UsageException(
            $"{config} has {cameras.Count} cameras; say whose settings to use with --camera: {string.Join(", ", cameras.Keys)}"));
        return cameras.TryGetValue(key, out var options)
            ? new ReplaySetup(setup.Folder, setup.Card, ModelOptionsFor(path, device), setup.Options.Node, key, options).WithHop(hop)
            : throw new UsageException($"--camera is {key}; {config} has {string.Join(", ", cameras.Keys)}");
    }

    /// <summary>The camera's settings for one recording.</summary>
    /// <remarks>Decoded in software, and without reading the decoder's complaints: a line tells no time, and two runs would differ. A file is not silent because the machine is busy.</remarks>
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

    private ReplaySetup WithHop(int? hop)
    {
        var setup = this with { Camera = Camera with { Hop = hop ?? Camera.Hop } };
        return hop is null || (hop >= 1 && hop <= Card.Input.Frames)
            ? setup
            : throw new UsageException($"--hop is {hop}; expected 1 to {Card.Input.Frames}, the model's frames: a longer hop would leave frames unseen");
    }

}
