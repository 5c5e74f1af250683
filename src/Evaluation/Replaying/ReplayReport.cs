using System.Text.Json;
using System.Text.Json.Nodes;
using ActionStream.Core.Results;
using ActionStream.Host.Output;
using ActionStream.Publish.Events;
using ActionStream.Publish.Mqtt.Messages;

namespace ActionStream.Evaluation.Replaying;

/// <summary>What a replay has to tell: every step of every event as its MQTT message, and the leading label at every window.</summary>
/// <param name="lines">Where the messages go as well, one a line; null for nowhere.</param>
/// <param name="windows">Where each window's scores go, before smoothing and to the last digit, one JSON
/// document a line; null for nowhere.</param>
internal sealed class ReplayReport(ReplayConfiguration loaded, string device, TextWriter? lines, TextWriter? windows = null)
    : IReplayObserver
{
    private readonly Payloads _payloads = new(new(loaded.Node, ReplayConfiguration.Unnamed, Product.Version, device));
    private readonly ModelIdentity _model = ModelIdentity.Of(loaded.Card);
    private readonly IReadOnlyList<string> _slugs = Topics.ClassSlugs(loaded.Card.Labels);
    private readonly List<JsonNode> _messages = [];
    private readonly List<object[]> _scores = [];
    private readonly List<ActionEvent> _ended = [];

    /// <summary>The messages, as on the camera's event topic.</summary>
    public IReadOnlyList<JsonNode> Messages => _messages;

    /// <summary>The same by event, in the order in which they ended. All have: the recording has.</summary>
    public IReadOnlyList<ActionEvent> Ended => _ended;

    /// <summary>[[seconds of the window's last frame, leading label, smoothed score]].</summary>
    public IReadOnlyList<object[]> Scores => _scores;

    /// <summary>How far it is.</summary>
    public TimeSpan Position { get; private set; }

    public void Decided(ClipScores scores, Decision decision)
    {
        Position = decision.End - DateTimeOffset.UnixEpoch;
        var (label, score) = decision.TopK[0];
        _scores.Add([Math.Round(Position.TotalSeconds, 3), label, Math.Round(score, 4)]);
        if (windows is not null)
        {
            var start = (decision.Start - DateTimeOffset.UnixEpoch).TotalSeconds;
            windows.Write(JsonSerializer.Serialize(
                new { start = Math.Round(start, 3), end = Math.Round(Position.TotalSeconds, 3), scores = scores.Values }));
            windows.Write('\n');
        }
    }

    public void OnEvent(ActionEvent step)
    {
        var message = _payloads.Event(step, _slugs[step.LabelId], _messages.Count, _model);
        _messages.Add(JsonNode.Parse(message)!);
        lines?.Write(System.Text.Encoding.UTF8.GetString(message));
        lines?.Write('\n');
        if (step.Type == EventType.End)
        {
            _ended.Add(step);
        }
    }
}
