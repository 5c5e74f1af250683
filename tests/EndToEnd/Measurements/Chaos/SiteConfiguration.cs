using System.Globalization;
using System.Text;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Measurements.Chaos;

/// <summary>The site's configuration file, as it is and as it is changed under the running service.</summary>
internal sealed record SiteConfiguration(
    PlantedSecrets Secrets, string StateFolder, int BrokerPort, IReadOnlyDictionary<string, string> Urls)
{
    public const string Node = "chaos";

    /// <summary>Of the node and of the broker.</summary>
    public const string User = "watch";

    /// <summary>A camera that comes and goes by the configuration alone.</summary>
    public const string Extra = "extra";

    /// <summary>Hop of all, at the model's 8 frames a second: four decisions a second.</summary>
    public const int Hop = 2;

    public const string Enter = "0.04";

    public IReadOnlyList<string> Without { get; init; } = [];

    public string? Changed { get; init; }

    public bool HasExtra { get; init; }

    /// <summary>Lines that no configuration should have.</summary>
    public string Spoilt { get; init; } = "";

    public string Yaml
    {
        get
        {
            var cameras = new StringBuilder();
            foreach (var (camera, url) in Urls.Where(camera => !Without.Contains(camera.Key)))
            {
                cameras.Append(
                    CultureInfo.InvariantCulture,
                    $"  {camera}: {"{"}url: \"{url}\"{(camera == Changed ? ", hop: 4, stall_timeout: 4s" : "")}{"}"}\n");
            }

            if (HasExtra)
            {
                cameras.Append(CultureInfo.InvariantCulture, $"  {Extra}: {"{"}url: \"lavfi:testsrc2=size=160x120:rate=16\"{"}"}\n");
            }

            // What the untrained model thinks of the test picture: always sat down, now and then squatting.
            return $$"""
                node: {{Node}}
                model: {path: {{TestModel.Folder}}, device: cpu}
                http: {port: 0, username: {{User}}, password: "{{Secrets.Http}}"}
                mqtt:
                  host: 127.0.0.1
                  port: {{BrokerPort}}
                  username: {{User}}
                  password: "{{Secrets.Broker}}"
                  retry_ceiling: 1s
                  spool: {path: {{StateFolder}}/spool}
                media:
                  path: {{StateFolder}}/media
                  bytes: 8000000
                  recordings: {enabled: true, pre_roll: 1s, post_roll: 1s, longest: 10s, buffer_bytes: 2000000}
                defaults:
                  hop: {{Hop}}
                  events: {labels: [sit_down, squat], enter: {{Enter}}, leave: 0.035, min_duration: 250ms, smoothing: 0ms, merge_gap: 250ms, scores: every}
                cameras:
                {{cameras}}{{Spoilt}}
                """;
        }
    }
}
