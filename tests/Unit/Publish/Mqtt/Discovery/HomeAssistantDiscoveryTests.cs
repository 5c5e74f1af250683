using System.Text;
using System.Text.Json;
using ActionStream.Core.Modelling;
using ActionStream.Publish.Mqtt;
using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Messages;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Publish.Mqtt.Discovery;

/// <summary>The documents Home Assistant gets, held against the keys that its documentation names for each kind of entity.</summary>
public sealed class HomeAssistantDiscoveryTests
{
    // home-assistant.io, "MQTT binary sensor", "MQTT event" and so on: the configuration variables of each page.
    private static readonly string[] Common =
    [
        "availability", "availability_mode", "availability_template", "availability_topic", "device", "enabled_by_default", "encoding",
        "entity_category", "icon", "json_attributes_template", "json_attributes_topic", "name", "origin", "qos", "unique_id",
    ];

    private static readonly Dictionary<string, string[]> Documented = new()
    {
        ["binary_sensor"]
        = ["device_class", "expire_after", "force_update", "off_delay", "payload_off", "payload_on", "state_topic", "value_template"],
        ["event"] = ["device_class", "event_types", "state_topic", "value_template"],
        ["sensor"] =
        [
            "device_class", "expire_after", "force_update", "last_reset_value_template", "options", "state_class", "state_topic",
            "suggested_display_precision", "unit_of_measurement", "value_template",
        ],
        ["image"] = ["content_type", "image_encoding", "image_topic", "url_template", "url_topic"],
        ["switch"] =
        [
            "command_template", "command_topic", "device_class", "optimistic", "payload_off", "payload_on", "retain",
            "state_off", "state_on",
            "state_topic", "value_template",
        ],
        ["number"] =
        [
            "command_template", "command_topic", "device_class", "max", "min", "mode", "optimistic", "payload_reset",
            "retain", "state_topic",
            "step", "unit_of_measurement", "value_template",
        ],
        ["button"] = ["command_template", "command_topic", "device_class", "payload_press", "retain"],
    };

    private static readonly Dictionary<string, string[]> Required = new()
    {
        ["binary_sensor"] = ["state_topic"],
        ["event"] = ["state_topic", "event_types"],
        ["sensor"] = ["state_topic"],
        ["image"] = ["image_topic"],
        ["switch"] = ["command_topic"],
        ["number"] = ["command_topic"],
        ["button"] = ["command_topic"],
    };

    private static readonly string[] Device =
    [
        "configuration_url", "connections", "hw_version", "identifiers", "manufacturer", "model", "model_id", "name", "serial_number",
        "suggested_area", "sw_version", "via_device",
    ];

    private static readonly string[] BinaryClasses = ["connectivity", "motion", "safety"]; // of "Binary sensor", device class

    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly ModelCard Card = new() { Name = "uniformer-xxs16", Labels = ["fall_floor", "walk", "sit", "nothing"] };

    private static readonly Topics Topics = new("actionstream", "edge1");

    private static IEnumerable<DiscoveryMessage> All()
    {
        var discovery = new HomeAssistantDiscovery(new() { Enabled = true }, new("edge1", "boot", "0.1.0", "cpu"), Topics);
        DiscoveryClass[] classes = [new("fall_floor", "fall_floor"), new("walk", "walk"), new("sit", "sit")];
        return
        [
            .. discovery.Node(),
            .. discovery.Camera(new("front", "Front door", Card.Name, HasSnapshots: true, classes)),
            .. discovery.Camera(new("yard", null, Card.Name, HasSnapshots: false, [])),
        ];
    }

    private static List<(string Component, string Topic, JsonElement Json)> Parsed() =>
        [.. All().Select(one => (one.Topic.Split('/')[1], one.Topic, JsonDocument.Parse(one.Payload).RootElement))];

    [Fact]
    public void The_documents_are_the_golden_ones()
    {
        var text = new StringBuilder();
        foreach (var (_, topic, json) in Parsed())
        {
            text.Append(topic).Append('\n').Append(JsonSerializer.Serialize(json, Readable)).Append('\n');
        }

        Golden.Equals(text.ToString(), "discovery.txt");
    }

    [Fact]
    public void Every_key_is_one_that_home_assistant_documents_and_none_that_it_requires_is_missing()
    {
        foreach (var (component, topic, json) in Parsed())
        {
            var keys = json.EnumerateObject().Select(entry => entry.Name).ToArray();
            Assert.True(keys.Except([.. Common, .. Documented[component]]) is var odd && !odd.Any(), $"{topic}: {string.Join(", ", odd)}");
            Assert.Empty(Required[component].Except(keys));
            Assert.Empty(json.GetProperty("device").EnumerateObject().Select(entry => entry.Name).Except(Device));
            Assert.NotEmpty(json.GetProperty("device").GetProperty("identifiers").EnumerateArray());
            Assert.Empty(
                json.GetProperty("origin").EnumerateObject().Select(entry => entry.Name).Except(["name", "sw_version", "support_url"]));
            if (component == "binary_sensor" && json.TryGetProperty("device_class", out var kind))
            {
                Assert.Contains(kind.GetString(), BinaryClasses);
            }
        }
    }

    [Fact]
    public void Topics_have_the_form_and_the_letters_that_discovery_allows_and_end_in_the_unique_id()
    {
        var all = Parsed();
        Assert.All(all, one => Assert.Matches("^homeassistant/[a-z_]+/edge1/[a-zA-Z0-9_-]+/config$", one.Topic));
        Assert.All(all, one => Assert.Equal(one.Topic.Split('/')[3], one.Json.GetProperty("unique_id").GetString()));
        Assert.Equal(all.Count, all.Select(one => one.Json.GetProperty("unique_id").GetString()).Distinct().Count());
        Assert.All(all, one => Assert.True(TopicFilter.Matches(HomeAssistantDiscovery.AllOf(new(), "edge1"), one.Topic)));
    }

    [Fact]
    public void What_a_camera_shows_is_available_only_while_node_and_camera_are_and_its_switch_while_the_node_is()
    {
        foreach (var (_, topic, json) in Parsed().Where(one => one.Topic.Contains("front", StringComparison.Ordinal)))
        {
            Assert.Equal("all", json.GetProperty("availability_mode").GetString());
            var topics = json.GetProperty("availability").EnumerateArray().Select(entry => entry.GetProperty("topic").GetString());
            Assert.Equal(
                topic.Contains("/switch/", StringComparison.Ordinal)
                    ? [Topics.NodeStatus]
                    : [Topics.NodeStatus, Topics.CameraStatus("front")],
                topics);
        }
    }

    [Fact]
    public void Cameras_hang_on_the_node_which_comes_first()
    {
        var all = Parsed();
        var node = all[0].Json.GetProperty("device").GetProperty("identifiers")[0].GetString();
        Assert.All(all.Skip(1), one => Assert.Equal(node, one.Json.GetProperty("device").GetProperty("via_device").GetString()));
    }

    [Fact]
    public void Pictures_are_announced_only_where_there_are_any()
    {
        var topics = Parsed().Select(one => one.Topic).ToArray();
        Assert.Contains("homeassistant/image/edge1/edge1_front_snapshot/config", topics);
        Assert.DoesNotContain(topics, topic => topic.Contains("yard_snapshot", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("fall_floor", "safety")]
    [InlineData("Person falling", "safety")]
    [InlineData("waterfall", null)]
    [InlineData("walk", "motion")]
    [InlineData("sit", null)]
    public void A_device_class_is_given_where_one_fits(string label, string? kind) => Assert.Equal(kind, DeviceClass.Of(label));

    [Fact]
    public void Labels_in_any_script_keep_their_names_and_get_ids()
    {
        var card = new ModelCard { Name = "m", Labels = ["倒地"] };
        var slug = Topics.ClassSlugs(card.Labels)[0];
        var discovery = new HomeAssistantDiscovery(new(), new("edge1", "boot", "0.1.0", "cpu"), Topics);
        var first = discovery.Camera(new("front", null, card.Name, HasSnapshots: false, [new("倒地", slug)])).First();
        Assert.Equal("homeassistant/binary_sensor/edge1/edge1_front_class_0/config", first.Topic);
        Assert.Contains("倒地", Encoding.UTF8.GetString(first.Payload.Span), StringComparison.Ordinal);
    }
}
