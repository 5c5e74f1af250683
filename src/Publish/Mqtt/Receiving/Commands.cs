using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using ActionStream.Core.Configuration;
using ActionStream.Core.Retrying;
using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Messages;
using Microsoft.Extensions.Logging;

namespace ActionStream.Publish.Mqtt.Receiving;

/// <summary>Reads what arrives on the `set` topics. What cannot be meant is ignored, counted by
/// reason and, once in a while, logged.</summary>
internal sealed partial class Commands
{
    private const int LongestPayload = 64;

    private const int LongestTopic = 128;

    private const int MostDone = 20; // lines a minute

    private static readonly TimeSpan UsualWake = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LongestWake = TimeSpan.FromHours(1);

    private readonly Topics _topics;
    private readonly ICommandTarget _target;
    private readonly ILogger _log;
    private readonly BoundedLog _logDone;
    private readonly BoundedLog _logIgnored;
    private readonly Counter<long> _done;
    private readonly Counter<long> _ignored;

    public Commands(Topics topics, ICommandTarget target, Meter meter, TimeProvider time, ILogger log)
    {
        (_topics, _target, _log) = (topics, target, log);
        (_logDone, _logIgnored) = (new(time, MostDone), new(time));
        _done = meter.CreateCounter<long>("actionstream.mqtt.commands", "{command}", "Commands carried out, by type.");
        _ignored = meter.CreateCounter<long>(
            "actionstream.mqtt.commands.ignored", "{command}", "Commands for our cameras that were not carried out, by reason.");
        foreach (var type in (string[])["enabled", "threshold", "snapshot", "wake"])
        {
            _done.Add(0, new KeyValuePair<string, object?>("type", type));
        }

        foreach (var outcome in Enum.GetValues<CommandOutcome>().Where(outcome => outcome != CommandOutcome.Done))
        {
            _ignored.Add(0, Reason(outcome));
        }
    }

    public void Take(MqttMessage message)
    {
        var levels = _topics.LevelsOf(message.Topic);
        if (levels.Length < 3 || !_target.Knows(levels[0]))
        {
            return;
        }

        var outcome = Carry(message, levels);
        if (outcome == CommandOutcome.Done)
        {
            _done.Add(1, new KeyValuePair<string, object?>("type", levels[1]));
            if (_logDone.IsDue(out var others))
            {
                LogDone(Plain(message.Topic), Text(message), others);
            }

            return;
        }

        _ignored.Add(1, Reason(outcome));
        Complain(message, outcome);
    }

    private CommandOutcome Carry(MqttMessage message, string[] levels)
    {
        if (message.Retain)
        {
            return CommandOutcome.Retained;
        }

        if (message.Payload.Length > LongestPayload)
        {
            return CommandOutcome.TooLarge;
        }

        var (camera, text) = (levels[0], Text(message));
        return levels switch
        {
            [_, "enabled", "set"] => text switch
            {
                "ON" => _target.Switch(camera, true),
                "OFF" => _target.Switch(camera, false),
                _ => CommandOutcome.Malformed,
            },
            [_, "threshold", var classSlug, "set"] => SetThreshold(camera, classSlug, text),
            [_, "snapshot", "set"] => _target.TakeSnapshot(camera),
            [_, "wake", "set"] => Wake(camera, text),
            _ => CommandOutcome.Malformed,
        };
    }

    private CommandOutcome Wake(string camera, string text) =>
        text.Length == 0 ? _target.Wake(camera, UsualWake)
        : !double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) ? CommandOutcome.Malformed
        : seconds > 0 && seconds <= LongestWake.TotalSeconds ? _target.Wake(camera, TimeSpan.FromSeconds(seconds))
        : CommandOutcome.OutOfRange;

    private CommandOutcome SetThreshold(string camera, string classSlug, string text) =>
        !double.TryParse(
            text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture, out var enter)
            ? CommandOutcome.Malformed
            : enter is > 0 and <= 1 ? _target.SetThreshold(camera, classSlug, enter) : CommandOutcome.OutOfRange;

    private void Complain(MqttMessage message, CommandOutcome outcome)
    {
        if (_logIgnored.IsDue(out var others))
        {
            LogIgnored(Plain(message.Topic), Word(outcome), Text(message), others);
        }
    }

    // Anybody at the broker may write here, so what is shown is short and plain.
    private static string Text(MqttMessage message) =>
        Plain(Encoding.UTF8.GetString(message.Payload.Span[..Math.Min(message.Payload.Length, LongestPayload)]).Trim());

    private static string Plain(string text) =>
        string.Concat(text.Take(LongestTopic).Select(letter => char.IsControl(letter) ? '?' : letter));

    private static string Word(CommandOutcome outcome) => SettingName.Of(outcome.ToString());

    private static KeyValuePair<string, object?> Reason(CommandOutcome outcome) => new("reason", Word(outcome));

    [LoggerMessage(LogLevel.Information, "Command {Topic}: {Payload} ({Others} others since the last such line)")]
    private partial void LogDone(string topic, string payload, int others);

    [LoggerMessage(LogLevel.Warning, "Command on {Topic} ignored, {Reason}: \"{Payload}\" ({Others} others since the last such line)")]
    private partial void LogIgnored(string topic, string reason, string payload, int others);
}
