using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActionStream.Core.Configuration;
using ActionStream.Host.Configuration;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Host.Configuration;

/// <summary>configs/pipeline.schema.json is what editors see: it has to be today's, to accept what `check` accepts,
/// and to catch what people mistype.</summary>
public sealed class SettingsSchemaTests
{
    private static readonly JsonSerializerOptions Written = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
    private static readonly JsonObject Schema = SettingsSchema.Of(new SettingComments(Repository.At("configs", "default.yaml")));

    private static readonly SchemaCheck Check = new(Schema);

    public static TheoryData<string> Examples =>
        [.. Directory.EnumerateFiles(Repository.At("configs"), "*.yaml").Select(path => Path.GetFileName(path)).Order()];

    [Fact]
    public void The_file_in_configs_is_what_the_options_say_today()
    {
        var path = Repository.At("configs", "pipeline.schema.json");
        var today = Schema.ToJsonString(Written) + "\n";
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, today);
        }

        Assert.Equal(File.ReadAllText(path), today);
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_example_is_accepted_and_tells_editors_where_the_schema_is(string file)
    {
        Assert.Empty(Check.Problems(Read(File.ReadAllText(Repository.At("configs", file)))));
        Assert.StartsWith(
            "# yaml-language-server: $schema=pipeline.schema.json\n", File.ReadAllText(Repository.At("configs", file)),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cameras: {front: {url: a, hopp: 2}}", "$.cameras.front.hopp")]
    [InlineData("cameras: {front: {url: a, priority: urgent}}", "$.cameras.front.priority")]
    [InlineData("cameras: {front: {url: a, deadline: 5}}", "$.cameras.front.deadline")]
    [InlineData("cameras: {front: {url: a, events: {classes: {fall: {entre: 0.5}}}}}", "$.cameras.front.events.classes.fall.entre")]
    [InlineData("cameras: {Front Door: {url: a}}", "$.cameras.Front Door")]
    [InlineData("{cameras: {a: {url: b}}, log: critical}", "$.log")]
    [InlineData("{cameras: {a: {url: b}}, mqtt: {port: many}}", "$.mqtt.port")]
    [InlineData("{cameras: {a: {url: b}}, defaults: {hwaccel: gpu}}", "$.defaults.hwaccel")]
    [InlineData("node: edge", "$")]
    public void What_check_would_refuse_shows_while_it_is_typed(string yaml, string where) =>
        Assert.Equal([where], Check.Problems(Read(yaml)));

    [Theory]
    [InlineData("{cameras: {a: {url: b, hop: '${HOP:-2}', deadline: 1.5s, enabled: yes, quality: ~}}, mqtt: {password: 1234}}")]
    [InlineData("{cameras: {a: {}}, http: }")]
    public void What_check_accepts_is_accepted(string yaml) => Assert.Empty(Check.Problems(Read(yaml)));

    [Fact]
    public void Settings_carry_their_description_and_their_default()
    {
        var deadline = Schema["properties"]!["model"]!["properties"]!["batch"]!["properties"]!["deadline"]!;
        Assert.Equal("2s", (string?)deadline["default"]);
        Assert.StartsWith("Latency budget", (string?)deadline["description"], StringComparison.Ordinal);

        var enter = Schema["definitions"]!["camera"]!["properties"]!["events"]!["properties"]!["enter"]!;
        Assert.Equal(0.6, (double?)enter["default"]);
        Assert.Null(Schema["properties"]!["node"]!["default"]); // it would be this machine's name
    }

    // As an editor's YAML reader sees it: plain words by their type, quoted ones as text.
    private static JsonNode? Read(string yaml)
    {
        List<ConfigProblem> problems = [];
        var root = YamlFile.Parse(yaml, "test", problems);
        Assert.Empty(problems);
        return Node(root!);
    }

    private static JsonNode? Node(SettingNode node) => node switch
    {
        SettingSection section => new JsonObject(section.Entries.Select(entry => KeyValuePair.Create(entry.Key, Node(entry.Value)))),
        SettingList list => new JsonArray([.. list.Items.Select(Node)]),
        SettingScalar { Text: "true" or "false" } word => word.Text == "true",
        SettingScalar { Text: { } text } => long.TryParse(text, CultureInfo.InvariantCulture, out var whole) ? whole
            : double.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : text,
        _ => null,
    };
}
