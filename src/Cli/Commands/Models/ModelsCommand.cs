using System.CommandLine;
using System.Globalization;
using ActionStream.Host;
using ActionStream.Host.Configuration;
using ActionStream.Host.Output;
using ActionStream.Models;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Networks;
using Spectre.Console;

namespace ActionStream.Cli.Commands.Models;

/// <summary>`models`: what can be built, building it, and looking into what was built.</summary>
internal static class ModelsCommand
{
    public static Command Create() => new("models", "Build and look into models.")
    {
        CreateList(),
        CreateBuild(),
        ModelsAdopt.Create(),
        CreateInspect(),
        ModelsImport.Create(),
        ModelVerification.Create(),
        ModelCosts.Create(),
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
                AnswerJson.Write(rows.Select(row => new
                {
                    row.Preset.Name,
                    row.Preset.Architecture,
                    row.Preset.Summary,
                    row.Cost.Parameters,
                    row.Cost.Macs,
                    Input = new
                    {
                        row.Preset.Measures.Frames,
                        row.Preset.Measures.Height,
                        row.Preset.Measures.Width,
                        IntervalMs = row.Preset.Interval.TotalMilliseconds,
                    },
                    row.Preset.Measures.Classes,
                    Streamable = row.Preset.IsStreamable,
                    row.Preset.PublishedAccuracy,
                    row.Preset.PublishedWeights,
                }));
                return ExitCode.Good;
            }

            var table = new Table().Border(TableBorder.Simple)
                .AddColumns("preset", "parameters", "GMACs/clip", "input", "streamable", "checkpoint", "published accuracy");
            foreach (var column in table.Columns)
            {
                column.NoWrap();
            }

            if (Console.IsOutputRedirected)
            {
                AnsiConsole.Profile.Width = 200; // a file has no edge
            }

            foreach (var (preset, cost) in rows)
            {
                table.AddRow(
                    preset.Name,
                    string.Create(CultureInfo.InvariantCulture, $"{cost.Parameters / 1e6:0.00} M"),
                    string.Create(CultureInfo.InvariantCulture, $"{cost.Macs / 1e9:0.000}"),
                    $"{preset.Measures.Frames} x {preset.Size}",
                    preset.IsStreamable ? "yes, exactly" : "no",
                    preset.PublishedWeights is null ? "none" : "published",
                    preset.PublishedAccuracy ?? "none");
            }

            AnsiConsole.Write(table);
            return ExitCode.Good;
        });
        return command;
    }

    private static Command CreateBuild()
    {
        var preset = new Argument<string>("preset") { Description = "One of `models list`." };
        CommonOptions.CompletePresets(preset.CompletionSources);
        var outDir = new Option<string>("--out", "-o") { Description = "Folder for the ONNX files and the card.", Required = true };
        var classes = new Option<int>("--classes") { Description = "Number of classes, named class_000 …" };
        var labels = new Option<FileInfo?>("--labels") { Description = "Text file with one label per line, in the order of the outputs." };
        var frames = new Option<int>("--frames") { Description = "Frames of a clip (the preset's unless given)." };
        var size = new Option<int>("--size") { Description = "Side of the square input in pixels (the preset's unless given)." };
        var weights = new Option<FileInfo?>("--weights")
        {
            Description = "Checkpoint: .safetensors, PyTorch or Flax msgpack. Without it, seeded random weights.",
        };
        var part = ModelsImport.Part();
        var init = new Option<bool>("--init")
        {
            Description = "The checkpoint is of another architecture (ViT, ViViT): carry over what goes, seed the rest. To be trained on.",
        };
        var inflate = new Option<string>("--inflate")
        {
            Description = "With --init, how a frame's kernel becomes a tubelet's: central_frame or average_frame.",
            DefaultValueFactory = _ => "central_frame",
        };
        inflate.AcceptOnlyFromAmong("central_frame", "average_frame");
        var input = new Option<string>("--input")
        {
            Description = "uint8 (frames as they are) or float32 (in the network's own range).",
            DefaultValueFactory = _ => "uint8",
        };
        input.AcceptOnlyFromAmong("uint8", "float32");
        var seed = new Option<int>("--seed") { Description = "Seed of the random weights.", DefaultValueFactory = _ => 1 };
        var split = new Option<bool>("--split")
        {
            Description = "Also write frame_encoder.onnx and temporal_head.onnx, for the token cache.",
        };
        var precision = CommonOptions.Precision();
        var json = CommonOptions.Json();
        var command = new Command(
            "build", "Architecture and weights (seeded random, unless a checkpoint is given) → ONNX files and card.")
        {
            preset, outDir, weights, part, init, inflate, classes, labels, frames, size, input, seed, split, precision, json,
        };
        command.SetAction(parsed =>
        {
            var folder = parsed.GetRequiredValue(outDir);
            BuiltModel built;
            try
            {
                var inflation = parsed.GetValue(inflate) == "average_frame" ? Inflation.AverageFrame : Inflation.CentralFrame;
                var options = new BuildOptions
                {
                    Classes = parsed.GetValue(classes),
                    Labels = ReadLabels(parsed.GetValue(labels)),
                    Frames = parsed.GetValue(frames),
                    Size = parsed.GetValue(size),
                    Seed = parsed.GetValue(seed),
                    Split = parsed.GetValue(split),
                    Input = parsed.GetValue(input) == "float32" ? ElementType.F32 : ElementType.U8,
                    Precision = parsed.GetValue(precision),
                };
                built = Watched(parsed.GetValue(json), progress => Build(
                    parsed.GetRequiredValue(preset), Opened(parsed.GetValue(weights), parsed.GetValue(part)),
                    parsed.GetValue(init) ? inflation : null, options, folder, progress));
            }
            catch (Exception wrong) when (wrong is ModelBuildException or CheckpointException)
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
                AnswerJson.Write(new
                {
                    Files = files,
                    built.Parameters,
                    built.Macs,
                    built.Card.Trained,
                    Card = Path.Combine(folder, "card.yaml"),
                    built.Unused,
                    built.Prefix,
                    built.Initialised,
                });
            }
            else
            {
                foreach (var file in files)
                {
                    Console.WriteLine(string.Create(
                        CultureInfo.InvariantCulture, $"{file.Path}  {file.Bytes / 1e6:0.0} MB  sha256 {file.Sha256[..12]}…"));
                }

                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{built.Card.Name}: {built.Parameters:N0} parameters, {built.Macs / 1e9:0.000} GMACs per clip"));
                if (built.Prefix.Length > 0)
                {
                    Console.WriteLine($"every name of the checkpoint begins with {built.Prefix}, which was taken off");
                }

                if (built.Unused.Count > 0)
                {
                    Console.WriteLine(
                        $"{built.Unused.Count} arrays of the checkpoint had no use: "
                        + $"{string.Join(", ", built.Unused.Take(8))}{(built.Unused.Count > 8 ? ", …" : "")}");
                }

                foreach (var origin in built.Initialised.GroupBy(array => array.Origin == InitialWeights.Seeded))
                {
                    Console.WriteLine($"{origin.Count()} arrays {(origin.Key ? "seeded" : "carried over")}");
                }

                Console.WriteLine(
                    $"{Path.Combine(folder, "card.yaml")}{(built.Card.Trained ? "" : "  (untrained: its labels mean nothing)")}");
            }

            return ExitCode.Good;
        });
        return command;
    }

    private static (Checkpoint Weights, string Name)? Opened(FileInfo? file, string? part) => file is null
        ? part is null ? null : throw new ModelBuildException("--part needs --weights, the checkpoint that has the part")
        : (Checkpoint.Open(file.FullName, part), file.Name);

    private static BuiltModel Build(
        string preset, (Checkpoint Weights, string Name)? file, Inflation? inflation, BuildOptions options, string folder,
        IProgress<BuildProgress> progress) => (file, inflation) switch
        {
            (null, null) => ModelBuilder.Build(preset, options, folder, progress),
            (null, _) => throw new ModelBuildException("--init needs --weights, the checkpoint to begin from"),
            ({ } begin, { } how) => ModelBuilder.Initialise(preset, begin.Weights, begin.Name, options, how, folder, progress),
            ({ } whole, null) => ModelBuilder.Build(preset, whole.Weights, whole.Name, options, folder, progress),
        };

    // Long work shows where it is, on a terminal only.
    private static T Watched<T>(bool json, Func<IProgress<BuildProgress>, T> work) =>
        json || !AnsiConsole.Profile.Capabilities.Interactive
            ? work(new Steps(_ => { }))
            : AnsiConsole.Status().Start("starting", status => work(new Steps(step => status.Status(Markup.Escape(step.Step)))));

    private sealed class Steps(Action<BuildProgress> show) : IProgress<BuildProgress>
    {
        public void Report(BuildProgress value) => show(value);
    }

    internal static string[] ReadLabels(FileInfo? file)
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
        var path = new Argument<string>("path") { Description = "A model's folder, an .onnx file, or a checkpoint." };
        var part = ModelsImport.Part();
        var json = CommonOptions.Json();
        var command = new Command(
            "inspect", "A model: inputs, outputs, operators, parameters, card, digest. A checkpoint: "
                + "container, arrays, which preset fits.") { path, part, json };
        command.SetAction(
            parsed => ModelInspection.Run(parsed.GetRequiredValue(path), parsed.GetValue(part), parsed.GetValue(json)));
        return command;
    }
}
