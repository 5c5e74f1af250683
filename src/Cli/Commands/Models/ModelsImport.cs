using System.CommandLine;
using System.Globalization;
using ActionStream.Host;
using ActionStream.Host.Configuration;
using ActionStream.Host.Output;
using ActionStream.Models;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Networks;

namespace ActionStream.Cli.Commands.Models;

/// <summary>`models import`: a published checkpoint becomes a model folder.</summary>
internal static class ModelsImport
{
    public static Command Create()
    {
        var file = new Argument<string>("file")
        {
            Description = "A checkpoint: .pth, .pt, .pyth, .safetensors or Flax msgpack; told by its content, not by its name.",
        };
        var preset = new Option<string>("--as")
        {
            Description = "The preset that it was trained as: one of `models list`.",
            Required = true,
        };
        CommonOptions.CompletePresets(preset.CompletionSources);
        var outDir = new Option<string>("--out", "-o") { Description = "Folder for the ONNX files and the card.", Required = true };
        var name = new Option<string>("--name")
        {
            Description = "Name in the card (the preset's unless given).",
            DefaultValueFactory = _ => "",
        };
        var classes = new Option<int>("--classes") { Description = "Number of classes (the checkpoint's unless given)." };
        var labels = new Option<FileInfo?>("--labels")
        {
            Description = "Text file with one label per line, in the order the checkpoint was trained with.",
        };
        var frames = new Option<int>("--frames") { Description = "Frames of a clip (the preset's unless given)." };
        var size = new Option<int>("--size") { Description = "Side of the square input in pixels (the preset's unless given)." };
        var split = new Option<bool>("--split")
        {
            Description = "Also write frame_encoder.onnx and temporal_head.onnx, for the token cache.",
        };
        var precision = CommonOptions.Precision();
        var part = Part();
        var allowUnused = new Option<bool>("--allow-unused")
        {
            Description = "Build even if the file has arrays inside the model's modules that the model does not know.",
        };
        var json = CommonOptions.Json();
        var command = new Command("import", "Checkpoint → ONNX files and card. Nothing in the file is ever executed.")
        {
            file, preset, outDir, name, classes, labels, frames, size, split, precision, part, allowUnused, json,
        };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(file), parsed.GetRequiredValue(preset), parsed.GetRequiredValue(outDir),
            new BuildOptions
            {
                Name = parsed.GetValue(name) ?? "",
                Classes = parsed.GetValue(classes),
                Labels = ModelsCommand.ReadLabels(parsed.GetValue(labels)),
                Frames = parsed.GetValue(frames),
                Size = parsed.GetValue(size),
                Split = parsed.GetValue(split),
                Precision = parsed.GetValue(precision),
            },
            parsed.GetValue(part), parsed.GetValue(allowUnused), parsed.GetValue(json)));
        return command;
    }

    /// <summary>Which of several sets of weights in one file.</summary>
    public static Option<string?> Part() => new("--part")
    {
        Description =
            "Which part of the checkpoint, where it holds more than weights: model_ema, state_dict … (the usual one unless given).",
    };

    private static int Run(
        string file, string preset, string folder, BuildOptions options, string? part, bool allowUnused, bool json)
    {
        ImportedModel imported;
        try
        {
            var steps = new Progress<BuildProgress>(
                step => Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{step.Done,4:p0}  {step.Step}")));
            imported = ModelImport.Import(file, preset, options, folder, allowUnused, part, json ? null : steps);
            CardFile.Save(imported.Built.Card, folder);
        }
        catch (Exception wrong) when (wrong is CheckpointException or ModelBuildException or WeightException)
        {
            throw new UsageException(wrong.Message);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot write to {folder}: {unwritable.Message}");
        }

        var built = imported.Built;
        var card = Path.Combine(folder, "card.yaml");
        if (json)
        {
            AnswerJson.Write(new
            {
                Files = built.Files.Select(written => new { written.Path, written.Bytes, written.Sha256 }),
                built.Parameters,
                built.Macs,
                built.Card.Trained,
                Card = card,
                imported.Container,
                imported.Part,
                imported.Prefix,
                imported.Averaged,
                imported.Unused,
                Missing = Array.Empty<string>(), // a file that lacks anything is refused
            });
            return ExitCode.Good;
        }

        foreach (var written in built.Files)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{written.Path}  {written.Bytes / 1e6:0.0} MB  sha256 {written.Sha256[..12]}…"));
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{built.Card.Name}: from a {imported.Container} file, {built.Parameters:N0} parameters, "
            + $"{built.Macs / 1e9:0.000} GMACs per clip"));
        if (imported.Part.Length > 0)
        {
            Console.WriteLine($"taken: {imported.Part} of the file");
        }

        if (imported.Prefix.Length > 0)
        {
            Console.WriteLine($"every name in it begins with {imported.Prefix}, which was taken off");
        }

        foreach (var averaged in imported.Averaged)
        {
            Console.WriteLine($"not taken: {averaged}, averaged weights, which are often the better ones: --part {averaged}");
        }

        if (imported.Unused.Count > 0)
        {
            Console.WriteLine(
                $"{imported.Unused.Count} arrays of the file were not needed: "
                + $"{string.Join(", ", imported.Unused.Take(10))}{(imported.Unused.Count > 10 ? " …" : "")}");
        }

        Console.WriteLine(built.Card.Labels is ["class_000", ..]
            ? $"{card}  (its labels are numbers: give --labels, in the order of the training)"
            : card);
        return ExitCode.Good;
    }
}
