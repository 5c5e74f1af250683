using System.Text.Json;
using System.Text.RegularExpressions;
using ActionStream.Core.Modelling;
using ActionStream.Core.Results;
using ActionStream.Publish;
using ActionStream.Publish.Mqtt;
using ActionStream.Publish.Mqtt.Messages;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Samples;

/// <summary>samples/home-assistant listens to topics and names entities; each has to be one that this service makes.</summary>
public sealed partial class HomeAssistantTests
{
    private const string Camera = "front_door";

    private static readonly string Text = File.ReadAllText(Repository.At("samples", "home-assistant", "actionstream.yaml"));
    private static readonly Yaml Package = Yaml.Read("samples", "home-assistant", "actionstream.yaml");
    private static readonly Topics Topics = new("actionstream", "edge");

    private static Yaml Fall => Package["automation.0"];

    private static Yaml Offline => Package["automation.1"];

    [Fact]
    public void Every_topic_is_one_that_the_service_publishes()
    {
        Assert.Equal(Topics.Events(Camera), Fall["triggers.0.topic"].Text);
        var sensor = Package["mqtt.sensor.0"];
        Assert.Equal(Topics.CameraStatus(Camera), sensor["state_topic"].Text);
        Assert.Equal(Topics.CameraStatus(Camera), sensor["json_attributes_topic"].Text);
        Assert.Equal(Topics.NodeStatus, sensor["availability_topic"].Text);
        Assert.Equal(4, TopicLine().Count(Text)); // no other topic than these
    }

    [Fact]
    public void Every_entity_is_one_that_discovery_makes_or_the_package_itself()
    {
        var card = new ModelCard { Name = "m", Labels = ["fall", "nothing"] };
        var discovery = new HomeAssistantDiscovery(new() { Enabled = true }, new("edge", "boot", "0.1.0", "cpu"), Topics);
        var made = discovery.Camera(new(Camera, "Front door", card.Name, HasSnapshots: true, [new("fall", "fall")]))
            .Select(EntityId)
            .Append($"sensor.{Slug.Of(Package["mqtt.sensor.0.name"].Text!)}")
            .ToArray();

        var named = Entity().Matches(Text).Select(match => match.Value).Distinct().ToArray();
        Assert.Contains("binary_sensor.front_door_fall", named);
        Assert.Contains("image.front_door_snapshot", named);
        Assert.True(named.All(made.Contains), $"{string.Join(", ", named.Except(made))} is not among {string.Join(", ", made)}");
    }

    [Fact]
    public void The_words_it_waits_for_and_the_fields_it_reads_are_those_of_the_messages()
    {
        var golden = string.Concat(new[] { "event-start.json", "camera-status-offline.json" }
            .Select(file => File.ReadAllText(Repository.At("tests", "Unit", "Publish", "golden", file))));
        Assert.Equal("{{ value_json.type }} {{ value_json.event_type }}", Fall["triggers.0.value_template"].Text);
        Assert.Equal("start fall", Fall["triggers.0.payload"].Text);
        Assert.Equal(["offline", "unavailable"], Offline["triggers.0.to"].Items.Select(state => state.Text));
        var fields = Field().Matches(Text).Select(match => match.Groups[1].Value).Distinct().ToArray();
        Assert.True(fields.Length >= 6, string.Join(", ", fields));
        Assert.All(fields, field => Assert.Contains($"\"{field}\"", golden, StringComparison.Ordinal));
    }

    /// <summary>As Home Assistant makes it of a device and an entity's name.</summary>
    private static string EntityId(DiscoveryMessage one)
    {
        var document = JsonDocument.Parse(one.Payload).RootElement;
        var device = document.GetProperty("device").GetProperty("name");
        return $"{one.Topic.Split('/')[1]}.{Slug.Of($"{device} {document.GetProperty("name")}")}";
    }

    [GeneratedRegex(@"^[ -]*\w*topic: ", RegexOptions.Multiline)]
    private static partial Regex TopicLine();

    [GeneratedRegex(@"\b(?:binary_sensor|sensor|image|event|switch|number)\.front_door_\w+")]
    private static partial Regex Entity();

    [GeneratedRegex(@"(?:value_json|payload_json)\.(\w+)")]
    private static partial Regex Field();
}
