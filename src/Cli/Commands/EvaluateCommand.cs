using System.CommandLine;
using ActionStream.Cli.Commands.Benches;
using ActionStream.Cli.Output;
using ActionStream.Core.Modelling;
using ActionStream.Evaluation.Judging;
using ActionStream.Evaluation.Replaying;
using ActionStream.Host;
using ActionStream.Host.Configuration;
using ActionStream.Host.Output;
using ActionStream.Ingest.Ffmpeg;
using Microsoft.Extensions.Logging;

namespace ActionStream.Cli.Commands;

/// <summary>`evaluate`: how well a model does on labelled clips, by the very code that looks at cameras.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var data = new Argument<string>("data")
        {
            Description = "A folder with a folder of clips for each label (at any depth below it), or a manifest (manifest.json).",
        };
        var model = new Option<string?>("--model")
        {
            Description = "A model's folder; the configuration's, or the packaged one, if not given.",
        };
        var config = new Option<string?>("--config", "-c")
        {
            Description = "A configuration, for a camera's settings: events, hop, crop, quality, decode.",
        };
        var camera = new Option<string?>("--camera") { Description = "Whose settings, where the configuration has several cameras." };
        var map = new Option<string?>("--map")
        {
            Description =
                "YAML or JSON: the data's label → the model's label, null to leave clips out, quiet where nothing should be found.",
        };
        var segments = new Option<bool>("--segments") { Description = "Judge every labelled segment, rather than every clip." };
        var (hop, path, device, json) = (CommonOptions.Hop(), CommonOptions.Path(), CommonOptions.Device(), CommonOptions.Json());
        var command = new Command("evaluate", "Labelled clips through the same code as replay: accuracy, confusion, false events.")
        {
            data, model, config, camera, map, segments, hop, path, device, json,
        };
        command.SetAction(parsed =>
        {
            var loaded = ReplayConfiguration.Of(
                parsed.GetValue(model), parsed.GetValue(config), parsed.GetValue(camera), parsed.GetValue(hop), parsed.GetValue(path),
                parsed.GetValue(device));
            return Run(parsed.GetRequiredValue(data), loaded, parsed.GetValue(map), parsed.GetValue(segments), parsed.GetValue(json));
        });
        return command;
    }

    private static int Run(string data, ReplayConfiguration loaded, string? map, bool bySegment, bool json)
    {
        _ = FfmpegTool.Find(); // before the model is loaded
        using var signals = new Signals();
        using var log = LogFactory.Create(LogLevel.Warning);
        var mapping = LabelMapping.Load(map, loaded.Card);
        var (clips, others) = LabelledVideos.Load(data);
        ExpectSome(data, clips, mapping, loaded.Card, bySegment);

        using var model = loaded.Load(log);
        using var replay = new Replay(loaded, model, log);
        var background = loaded.Card.Labels.ToList().IndexOf(loaded.Card.Output.Background ?? "");
        var evaluator = new Evaluator(replay, mapping, background, bySegment);
        var found = Terminal.Watched(
            json, () => $"{evaluator.Progress.Done} of {clips.Count}: {evaluator.Progress.Name}", () => evaluator.Run(clips, signals.Stop));
        var answer = EvaluationAnswer.Of(found, others, loaded.Card, model.Device, model.SelfCheck is null ? "full" : "cached");
        if (json)
        {
            AnswerJson.Write(answer);
        }
        else
        {
            EvaluationText.Write(answer, Console.Out);
        }

        foreach (var clip in found.Failed)
        {
            Terminal.WriteError($"{clip.File} was not judged: {clip.Reason}");
        }

        return found.Failed.Count > 0 ? ExitCode.Failed : ExitCode.Good;
    }

    private static void ExpectSome(string data, IReadOnlyList<LabelledVideo> clips, LabelMapping mapping, ModelCard card, bool bySegment)
    {
        var labels = clips.Select(clip => clip.Label)
            .Concat(bySegment ? clips.SelectMany(clip => clip.Segments).Select(segment => segment.Label) : []).Distinct()
            .Order(StringComparer.Ordinal).ToArray();
        if (!labels.Any(label => mapping.Of(label).Fate is Fate.Judged or Fate.Quiet))
        {
            throw new UsageException(
                $"{data} has nothing to judge: its labels are {string.Join(", ", labels)}; "
                + $"model {card.Name} knows {LabelMapping.KnownBy(card)}. Say with --map which is which");
        }
    }
}
