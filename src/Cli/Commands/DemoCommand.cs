using System.CommandLine;
using ActionStream.Cli.Commands.Benches;
using ActionStream.Cli.Demo;
using ActionStream.Core.Configuration;
using ActionStream.Host;
using ActionStream.Host.Configuration;
using ActionStream.Host.Output;

namespace ActionStream.Cli.Commands;

/// <summary>`demo`: the whole way from camera to subscriber, with nothing to set up.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var time = new Option<string>("--for") { Description = "How long, such as 30s or 2m.", DefaultValueFactory = _ => "30s" };
        var model = new Option<string>("--model") { Description = "A model's folder.", DefaultValueFactory = _ => ModelFolder.Default };
        var json = CommonOptions.Json();
        var command = new Command(
            "demo", "No camera, broker or GPU needed: a bundled clip as a camera, a broker of its own, rolling detections, a summary.")
        {
            time, model, json,
        };
        command.SetAction(parsed => RunAsync(parsed.GetValue(time)!, parsed.GetValue(model)!, parsed.GetValue(json)));
        return command;
    }

    private static async Task<int> RunAsync(string typed, string model, bool json)
    {
        if (!SettingText.TryParse(typed, out var time) || time < TimeSpan.FromSeconds(1))
        {
            throw new UsageException($"--for is {typed}; expected a duration of at least 1s with its unit, such as 30s or 2m");
        }

        var folder = ModelFolder.Resolve(model);
        var card = CardFile.Load(folder);
        using var signals = new Signals();
        using IDemoScreen screen = json ? new SilentScreen() : Console.IsOutputRedirected ? new LineScreen() : new LiveScreen();
        var summary = await DemoRun.RunAsync(folder, card, time, screen, signals);
        if (json)
        {
            AnswerJson.Write(summary);
        }
        else
        {
            screen.Close(summary);
        }

        // Windows that were begun and never answered, or messages that did not arrive, would make the demo a lie.
        return summary.MqttReceived > 0 && summary.MqttReceived == summary.MqttPublished ? ExitCode.Good : ExitCode.Failed;
    }
}
