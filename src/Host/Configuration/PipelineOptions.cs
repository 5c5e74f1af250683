using ActionStream.Core.Configuration;
using ActionStream.Core.Results;
using ActionStream.Host.History;
using ActionStream.Host.Tracing;
using ActionStream.Host.Web;
using ActionStream.Ingest.Recording;
using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Messages;
using ActionStream.Publish.Snapshots;
using Microsoft.Extensions.Logging;

namespace ActionStream.Host.Configuration;

/// <summary>Everything a person can set, as typed. What the program runs on is made from it.</summary>
public sealed record PipelineOptions
{
    /// <summary>Name of this machine in topics; its host name unless set.</summary>
    public string Node { get; init; } = HostName();

    /// <summary>What goes to standard error: trace, debug, information, warning, error.</summary>
    public LogLevel Log { get; init; } = LogLevel.Information;

    public ModelOptions Model { get; init; } = new();

    public MqttOptions Mqtt { get; init; } = new();

    public HttpOptions Http { get; init; } = new();

    public TracingOptions Tracing { get; init; } = new();

    /// <summary>Media of events.</summary>
    [FormerName("pictures")]
    public MediaOptions Media { get; init; } = new();

    /// <summary>What is remembered of events and scores.</summary>
    public HistoryOptions History { get; init; } = new();

    /// <summary>Settings that every camera takes over unless it says otherwise.</summary>
    public CameraOptions Defaults { get; init; } = new();

    /// <summary>The cameras by key; the key stands in topics, metrics and logs.</summary>
    public IReadOnlyDictionary<string, CameraOptions> Cameras { get; init; } = new Dictionary<string, CameraOptions>();

    public void Check(ConfigCheck check)
    {
        check.Expect(Slug.IsSlug(Node), Node, $"a-z, 0-9, - and _, at most {Slug.MaxLength}: it stands in topics");
        check.Expect(
            Log is >= LogLevel.Trace and <= LogLevel.Error, Log, "trace, debug, information, warning or error");
        Model.CheckModel(check.At(nameof(Model)));
        Mqtt.Check(check.At(nameof(Mqtt)));
        Http.Check(check.At(nameof(Http)));
        Tracing.Check(check.At(nameof(Tracing)));
        Media.Check(check.At(nameof(Media)));
        History.Check(check.At(nameof(History)));
        check.Expect(Cameras.Count > 0, null, "at least one camera, with its key and its url", nameof(Cameras));
        Topics.CheckNames(check.At(nameof(Cameras)), Node, [.. Cameras.Keys]);
        foreach (var (key, camera) in Cameras)
        {
            camera.CheckCamera(check.At(nameof(Cameras)).AtKey(key));
        }
    }

    /// <summary>What works otherwise than somebody may expect, and is no mistake.</summary>
    public IEnumerable<string> Notes() => Unrecorded().Concat(Fleeting()).Concat(
        from camera in Cameras
        where camera.Value.Enabled && !SafeUri.IsHiddenEverywhere(camera.Value.Url)
        select $"{camera.Key}: its password is as short or as common as a word of the log; it is hidden in addresses, not elsewhere");

    private IEnumerable<string> Fleeting() => History.IsFleeting
        ? [$"history.path is {History.Path}, in the temporary folder: it may be gone after a restart of the machine"]
        : [];

    private IEnumerable<string> Unrecorded() =>
        from camera in Cameras
        where Media.Recordings.Enabled && camera.Value.Enabled && !RecordingBuffers.CanKeep(camera.Value)
        select $"{camera.Key}: media.recordings are made of streams that come over a network; "
            + "events of this camera have none";

    private static string HostName() => Slug.Of(Environment.MachineName) is { Length: > 0 } slug ? slug : "edge";
}
