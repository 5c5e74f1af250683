using System.CommandLine;
using System.Globalization;
using ActionStream.Cli.Commands.Benches;
using ActionStream.Cli.Output;
using ActionStream.Core.Configuration;
using ActionStream.Evaluation.Replaying;
using ActionStream.Host;
using ActionStream.Host.Output;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Sources;
using Microsoft.Extensions.Logging;

namespace ActionStream.Cli.Commands;

/// <summary>`replay`: what a camera would have said about a recording, as fast as it goes, the same every time.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "A video's path or address." };
        var model = new Option<string?>("--model")
        {
            Description = "A model's folder; the configuration's, or the packaged one, if not given.",
        };
        var config = new Option<string?>("--config", "-c")
        {
            Description = "A configuration, for a camera's settings: events, hop, crop, quality.",
        };
        var camera = new Option<string?>("--camera") { Description = "Whose settings, where the configuration has several cameras." };
        var to = new Option<string?>("--out") { Description = "A file for the event messages, one JSON document a line, as on MQTT." };
        var scores = new Option<string?>("--scores")
        {
            Description = "A file for every window's scores before smoothing, one a line, in the order of the model's labels: "
                + "to choose thresholds by, or to compare models.",
        };
        var (hop, path, device, json) = (CommonOptions.Hop(), CommonOptions.Path(), CommonOptions.Device(), CommonOptions.Json());
        var command = new Command("replay", "A recorded video as fast as it goes: nothing is dropped, and the same comes out every time.")
        {
            file, model, config, camera, to, scores, hop, path, device, json,
        };
        command.SetAction(parsed =>
        {
            var url = Expect(parsed.GetRequiredValue(file));
            var loaded = ReplayConfiguration.Of(
                parsed.GetValue(model), parsed.GetValue(config), parsed.GetValue(camera), parsed.GetValue(hop), parsed.GetValue(path),
                parsed.GetValue(device));
            return Run(url, loaded, parsed.GetValue(to), parsed.GetValue(scores), parsed.GetValue(json));
        });
        return command;
    }

    private static int Run(string url, ReplayConfiguration loaded, string? to, string? scores, bool json)
    {
        _ = FfmpegTool.Find(); // before the model is loaded
        using var signals = new Signals();
        using var log = LogFactory.Create(LogLevel.Warning);
        using var lines = to is null ? null : Open("--out", to);
        using var windows = scores is null ? null : Open("--scores", scores);
        using var model = loaded.Load(log);
        using var replay = new Replay(loaded, model, log);
        var report = new ReplayReport(loaded, model.Device, lines, windows);
        var startedAt = TimeProvider.System.GetTimestamp();
        var recording = Terminal.Watched(
            json, () => string.Create(
                CultureInfo.InvariantCulture,
                $"{report.Position.TotalSeconds:0.0} s, {report.Scores.Count} windows, {report.Ended.Count} events"),
            () => Play(replay, url, report, signals));
        var elapsed = TimeProvider.System.GetElapsedTime(startedAt);
        var answer = new ReplayAnswer(
            recording.Clips, report.Messages, report.Scores, Math.Round(recording.Clips / elapsed.TotalSeconds, 1), recording.Frames,
            Math.Round(recording.Length.TotalSeconds, 3),
            recording.Skipped, loaded.Card.Name, loaded.Card.Trained, model.Device, model.SelfCheck is null ? "full" : "cached");
        if (json)
        {
            AnswerJson.Write(answer);
        }
        else
        {
            ReplayText.Write(answer, report.Ended, Console.Out);
        }

        if (recording.Clips > 0)
        {
            return ExitCode.Good;
        }

        Terminal.WriteError($"{SafeUri.Scrub(url)} {recording.WhyNoWindow(loaded.Camera.Window.For(loaded.Card.Input))}");
        return ExitCode.Failed;
    }

    // What is wrong with the recording is wrong input; what is wrong with the network or ffmpeg is not.
    private static Recording Play(Replay replay, string url, ReplayReport report, Signals signals)
    {
        try
        {
            return replay.Play(url, pads: false, report, signals.Stop);
        }
        catch (SourceException broken) when (broken.Fault is SourceFault.NotFound or SourceFault.NoVideo or SourceFault.Codec
            or SourceFault.Broken or SourceFault.Permission or SourceFault.TooLarge or SourceFault.Memory)
        {
            throw new UsageException($"{broken.Message}; expected a video that ffmpeg can read");
        }
    }

    private static string Expect(string url)
    {
        if (!SourceAddress.TryParse(url, out var address))
        {
            throw new UsageException(
                $"{SafeUri.Of(url)} {SafeUri.WhyMisread(url) ?? $"is no address; expected a video file or {SourceAddress.Expected}"}");
        }

        if (address.Kind != SourceKind.File)
        {
            return url;
        }

        var path = address.Input["file:".Length..];
        return File.Exists(path) ? url
            : Directory.Exists(path) ? throw new UsageException($"{url} is a folder; expected a video file (evaluate takes folders)")
            : throw new UsageException($"{url} does not exist; expected a video file or an address");
    }

    private static StreamWriter Open(string option, string path)
    {
        try
        {
            return new StreamWriter(path);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{option} {path} cannot be written: {refused.Message}");
        }
    }
}
