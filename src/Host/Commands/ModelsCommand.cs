using System.CommandLine;
using System.Globalization;
using ActionStream.Host.Configuration;
using ActionStream.Host.Output;
using ActionStream.Models;
using ActionStream.Models.Graphs;
using Spectre.Console;

namespace ActionStream.Host.Commands;

/// <summary>`models`: what can be built, building it, and looking into what was built.</summary>
internal static class ModelsCommand
{
    public static Command Create() => new("models", "Build and look into models.")
    {
        CreateList(),
        CreateBuild(),
        ModelsAdopt.Create(),
        CreateInspect(),
    };

    private static Command CreateList()
    {
        var json = CommonOptions.Json();
        var command = new Command("list", "Every architecture and preset: parameters, MACs, input, streamable or not.") { json };
        command.SetAction(parsed =>
        {
            var rows = Presets.All.Select(preset => (Preset: preset, Cost: FlopCounter.Count(preset))).ToArray();
            if (parsed.GetValue(json))
            {
                Terminal.WriteJson(rows.Select(row => new
                {
                    row.Preset.Name,
                    row.Preset.Architecture,
                    row.Preset.Summary,
                    row.Cost.Parameters,
                    row.Cost.Macs,
                    Input = new { row.Preset.Measures.Frames, row.Preset.Measures.Height, row.Preset.Measures.Width, IntervalMs = row.Preset.Interval.TotalMilliseconds },
                    row.Preset.Measures.Classes,
                    Streamable = row.Preset.IsStreamable,
                    row.Preset.PublishedAccuracy,
                    row.Preset.PublishedWeights,
                }));
                return ExitCode.Good;
            }

            var table = new Table().Border(TableBorder.Simple)
                .AddColumns("preset", "parameters", "GMACs/clip", "input", "streamable", "published accuracy", "weights");
            foreach (var (preset, cost) in rows)
            {
                table.AddRow(
                    preset.Name,
                    string.Create(CultureInfo.InvariantCulture, $"{cost.Parameters / 1e6:0.00} M"),
                    string.Create(CultureInfo.InvariantCulture, $"{cost.Macs / 1e9:0.000}"),
                    $"{preset.Measures.Frames} x {preset.Size}",
                    preset.IsStreamable ? "yes, exactly" : "no",
                    preset.PublishedAccuracy ?? "none",
                    preset.PublishedWeights ?? "none");
            }

            AnsiConsole.Write(table);
            return ExitCode.Good;
        });
        return command;
    }

    private static Command CreateBuild()
    {
        var preset = new Argument<string>("preset") { Description = "One of `models list`." };
        var outDir = new Option<string>("--out", "-o") { Description = "Folder for the ONNX files and the card.", Required = true };
        var classes = new Option<int>("--classes") { Description = "Number of classes, named class_000 …" };
        var labels = new Option<FileInfo?>("--labels") { Description = "Text file with one label per line, in the order of the outputs." };
        var frames = new Option<int>("--frames") { Description = "Frames of a clip (the preset's unless given)." };
        var size = new Option<int>("--size") { Description = "Side of the square input in pixels (the preset's unless given)." };
        var seed = new Option<int>("--seed") { Description = "Seed of the random weights.", DefaultValueFactory = _ => 1 };
        var split = new Option<bool>("--split") { Description = "Also write frame_encoder.onnx and temporal_head.onnx, for the token cache." };
        var precision = new Option<Precision>("--precision") { Description = "fp32, fp16 (for a GPU; half the memory) or int8 (for a CPU; products with weights in bytes)." };
        var json = CommonOptions.Json();
        var command = new Command("build", "Architecture and weights (seeded random, until weights are given) → ONNX files and card.")
        {
            preset, outDir, classes, labels, frames, size, seed, split, precision, json,
        };
        command.SetAction(parsed =>
        {
            var folder = parsed.GetRequiredValue(outDir);
            BuiltModel built;
            try
            {
                built = ModelBuilder.Build(
                    parsed.GetRequiredValue(preset),
                    new BuildOptions
                    {
                        Classes = parsed.GetValue(classes),
                        Labels = ReadLabels(parsed.GetValue(labels)),
                        Frames = parsed.GetValue(frames),
                        Size = parsed.GetValue(size),
                        Seed = parsed.GetValue(seed),
                        Split = parsed.GetValue(split),
                        Precision = parsed.GetValue(precision),
                    },
                    folder);
            }
            catch (ModelBuildException wrong)
            {
                throw new UsageException(wrong.Message);
            }
            catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
            {
                throw new UsageException($"cannot write to {folder}: {unwritable.Message}");
            }

            CardFile.Save(built.Card, folder);
            var files = built.Files.Select(file => new { Path = file.Path, file.Bytes, file.Sha256 }).ToArray();
            if (parsed.GetValue(json))
            {
                Terminal.WriteJson(new { Files = files, built.Parameters, built.Macs, built.Card.Trained, Card = Path.Combine(folder, "card.yaml") });
            }
            else
            {
                foreach (var file in files)
                {
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{file.Path}  {file.Bytes / 1e6:0.0} MB  sha256 {file.Sha256[..12]}…"));
                }

                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{built.Card.Name}: {built.Parameters:N0} parameters, {built.Macs / 1e9:0.000} GMACs per clip"));
                Console.WriteLine($"{Path.Combine(folder, "card.yaml")}{(built.Card.Trained ? "" : "  (untrained: its labels mean nothing)")}");
            }

            return ExitCode.Good;
        });
        return command;
    }

    private static string[] ReadLabels(FileInfo? file)
    {
        if (file is null)
        {
            return [];
        }

        if (!file.Exists)
        {
            throw new UsageException($"--labels {file.FullName} does not exist; expected a text file with one label per line");
        }

        return [.. File.ReadLines(file.FullName).Select(line => line.Trim()).Where(line => line.Length > 0)];
    }

    private static Command CreateInspect()
    {
        var path = new Argument<string>("path") { Description = "A model's folder or an .onnx file." };
        var json = CommonOptions.Json();
        var command = new Command("inspect", "A model: inputs, outputs, operators, parameters, card, digest.") { path, json };
        command.SetAction(parsed => ModelInspection.Run(parsed.GetRequiredValue(path), parsed.GetValue(json)));
        return command;
    }
}
