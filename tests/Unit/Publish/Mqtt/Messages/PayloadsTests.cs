using System.Text;
using System.Text.Json;
using ActionStream.Core.Media;
using ActionStream.Core.Results;
using ActionStream.Publish.Events;
using ActionStream.Publish.Mqtt;
using ActionStream.Publish.Mqtt.Messages;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Publish.Mqtt.Messages;

public sealed class PayloadsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 10, 15, 2, 320, TimeSpan.Zero);
    private static readonly ModelIdentity Model = new("uniformer-xxs16", "sha256:ab12cd34ef56", true);
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };

    private static readonly Decision Decision = new(
        "front", 91822, Noon - TimeSpan.FromSeconds(2.2), Noon, new ClipQuality(16, 1, TimeSpan.FromMilliseconds(41)), "cuda:0",
        [new("fall_floor", 0.91234567), new("sit", 0.05)], ["fall_floor"],
        new(Ms(38.04), Ms(12.04), Ms(9.04), Ms(21.04), Ms(1.04), Ms(3.04)), TimeSpan.Zero);

    private static readonly Decision Zoned = Decision with { Zones = [new("door", 0.41236, true), new("stairs", 0.2, false)] };

    private readonly Payloads _payloads = new(new("edge1", "b1c2d3", "0.1.0", "cuda:0"));

    private static TimeSpan Ms(double ms) => TimeSpan.FromMilliseconds(ms);

    private static ActionEvent Step(EventType type) => new(
        type, "front-20260101T101502.320Z-7f3a", "fall_floor", 3, 0.91, 0.94, 0.83, Noon,
        type is EventType.End ? Noon + TimeSpan.FromSeconds(2.4) : null, TimeSpan.FromSeconds(2.4),
        type is EventType.End ? EndReason.StreamLost : null, Decision);

    private static void Check(byte[] payload, string file)
    {
        using var json = JsonDocument.Parse(payload);
        Golden.Equals(JsonSerializer.Serialize(json, Readable), file);
    }

    [Fact]
    public void A_start_says_all_there_is_to_know() =>
        Check(_payloads.Event(Step(EventType.Start), "fall_floor", 1842, Model), "event-start.json");

    [Fact]
    public void An_end_says_when_and_why() =>
        Check(LatePayload.Of(_payloads.Event(Step(EventType.End), "fall_floor", 1843, Model)).ToArray(), "event-end-late.json");

    [Fact]
    public void With_zones_an_event_says_where_it_has_been_and_where_it_is() => Check(
        _payloads.Event(Step(EventType.Update) with { Zones = ["stairs", "door"], Decision = Zoned }, "fall_floor", 1844, Model),
        "event-zones.json");

    [Fact]
    public void With_zones_scores_say_where_the_model_looks() => Check(_payloads.Scores(Zoned, 8, Model).ToArray(), "scores-zones.json");

    [Fact]
    public void Scores_are_the_rolling_answer() => Check(_payloads.Scores(Decision, 7, Model).ToArray(), "scores.json");

    [Fact]
    public void A_camera_says_how_it_is() => Check(
        _payloads.CameraStatus(new("front", StreamState.Offline, "auth", Noon, 0)), "camera-status-offline.json");

    [Fact]
    public void A_camera_that_is_well_has_no_reason() => Check(
        _payloads.CameraStatus(new("front", StreamState.Online, null, Noon, 24.94)), "camera-status-online.json");

    [Fact]
    public void A_camera_that_is_awake_says_why() => Check(
        _payloads.CameraStatus(new("front", StreamState.Online, null, Noon, 8) { Sleep = new(false, Noon, ["motion", "event"], ["motion"]) }),
        "camera-status-awake.json");

    [Fact]
    public void Scores_that_are_said_again_of_a_camera_asleep_say_so() => Check(
        _payloads.Scores(Decision with { IsAsleep = true }, 9, Model).ToArray(), "scores-asleep.json");

    [Fact]
    public void A_node_introduces_itself() => Check(
        _payloads.NodeInfo([Model, new("toy", null, false)], ["front", "yard"], Noon, new(ModelState.Fallback, "cpu", "CUDA failure 999")),
        "node-info.json");

    [Fact]
    public void A_node_sums_up() => Check(
        _payloads.NodeStats(new(
            Noon, TimeSpan.FromHours(1), 1000, 12, 1, 1100, 0,
            [new("front", StreamState.Online, 7.96, 1000, TimeSpan.FromMilliseconds(84.4)), new("yard", StreamState.Offline, 0, 0)])),
        "node-stats.json");

    [Fact]
    public void The_latency_shown_is_the_sum_of_its_parts()
    {
        using var json = JsonDocument.Parse(_payloads.Scores(Decision, 0, Model));
        var latency = json.RootElement.GetProperty("latency_ms");
        var parts = latency.EnumerateObject().Where(part => part.Name != "total").Sum(part => part.Value.GetDecimal());
        Assert.Equal(parts, latency.GetProperty("total").GetDecimal());
    }

    [Fact]
    public void A_window_names_each_of_its_faults_and_the_score_they_make()
    {
        var decision = Decision with
        {
            Quality = new(16, 4, TimeSpan.FromMilliseconds(250)) { Duplicates = 8, Frozen = 2, Dark = 3, Damaged = 5, Cuts = 1 },
        };

        foreach (var message in new[] { _payloads.Scores(decision, 0, Model), _payloads.Event(
            Step(EventType.Start) with { Decision = decision }, "fall_floor", 0, Model) })
        {
            using var json = JsonDocument.Parse(message);
            var window = json.RootElement.GetProperty("window").GetRawText();
            Assert.Contains(
                """"frames":16,"quality":0.243,"dropped":4,"gap_ms":250,"duplicates":8,"frozen":2,"dark":3,"damaged":5,"cuts":1}"""",
                window, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_label_that_looks_like_the_field_is_not_taken_for_it()
    {
        var odd = Step(EventType.Start) with { Label = "\"late\":false" };
        using var json = JsonDocument.Parse(LatePayload.Of(_payloads.Event(odd, "odd", 0, Model)));
        Assert.Equal(
            ("\"late\":false", true),
            (json.RootElement.GetProperty("label").GetString(), json.RootElement.GetProperty("late").GetBoolean()));
    }

    [Fact]
    public void Labels_in_any_script_survive()
    {
        var decision = Decision with { TopK = [new("\"Sturz\" auf den Böden 倒地", 1)] };
        Assert.Contains(
            """["\"Sturz\" auf den Böden 倒地",1]""", Encoding.UTF8.GetString(_payloads.Scores(decision, 0, Model).Span),
            StringComparison.Ordinal);
    }
}
