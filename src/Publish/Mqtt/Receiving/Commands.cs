using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using ActionStream.Core.Configuration;
using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Messages;
using Microsoft.Extensions.Logging;

namespace ActionStream.Publish.Mqtt.Receiving;

/// <summary>Reads what arrives on the `set` topics. What cannot be meant is ignored, counted by
/// reason and, once in a while, logged.</summary>
internal sealed partial class Commands
{
    private const int LongestPayload = 64;

    private static readonly TimeSpan LogEvery = TimeSpan.FromMinutes(1);

    private readonly Topics _topics;
    private readonly ICommandTarget _target;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Counter<long> _done;
    private readonly Counter<long> _ignored;
    private long? _loggedAt;
    private int _unlogged;

    public Commands(Topics topics, ICommandTarget target, Meter meter, TimeProvider time, ILogger log)
    {
        (_topics, _target, _time, _log) = (topics, target, time, log);
        _done = meter.CreateCounter<long>("actionstream.mqtt.commands", "{command}", "Commands carried out, by type.");
        _ignored = meter.CreateCounter<long>(
            "actionstream.mqtt.commands.ignored", "{command}", "Commands for our cameras that were not carried out, by reason.");
        foreach (var type in (string[])["enabled", "threshold", "snapshot"])
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
            LogDone(message.Topic, Text(message));
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
            return CommandOutcome.Malformed;
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
            _ => CommandOutcome.Malformed,
        };
    }

    private CommandOutcome SetThreshold(string camera, string classSlug, string text) =>
        !double.TryParse(
            text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture, out var enter)
            ? CommandOutcome.Malformed
            : enter is > 0 and <= 1 ? _target.SetThreshold(camera, classSlug, enter) : CommandOutcome.OutOfRange;

    private void Complain(MqttMessage message, CommandOutcome outcome)
    {
        if (_loggedAt is { } at && _time.GetElapsedTime(at) < LogEvery)
        {
            _unlogged++;
            return;
        }

        LogIgnored(message.Topic, Word(outcome), Text(message), _unlogged);
        (_loggedAt, _unlogged) = (_time.GetTimestamp(), 0);
    }

    // Anybody at the broker may write here, so what is shown is short and plain.
    private static string Text(MqttMessage message)
    {
        var text = Encoding.UTF8.GetString(message.Payload.Span[..Math.Min(message.Payload.Length, LongestPayload)]).Trim();
        return string.Concat(text.Select(letter => char.IsControl(letter) ? '?' : letter));
    }

    private static string Word(CommandOutcome outcome) => SettingName.Of(outcome.ToString());

    private static KeyValuePair<string, object?> Reason(CommandOutcome outcome) => new("reason", Word(outcome));

    [LoggerMessage(LogLevel.Information, "Command {Topic}: {Payload}")]
    private partial void LogDone(string topic, string payload);

    [LoggerMessage(LogLevel.Warning, "Command on {Topic} ignored, {Reason}: \"{Payload}\" ({Others} others since the last such line)")]
    private partial void LogIgnored(string topic, string reason, string payload, int others);
}
