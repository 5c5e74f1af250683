using System.CommandLine;
using System.Globalization;
using ActionStream.Cli.Commands.Benches;
using ActionStream.Core.Configuration;
using ActionStream.Host;
using ActionStream.Host.Configuration;
using ActionStream.Host.Output;
using ActionStream.Inference;
using ActionStream.Inference.Batching;
using ActionStream.Inference.Configuration;
using ActionStream.Models.Foreign;
using ActionStream.Models.Graphs;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.Cli.Commands.Models;

/// <summary>`models adopt`: somebody else's ONNX file becomes a model folder like our own.</summary>
internal static class ModelsAdopt
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "An .onnx file." };
        var card = new Option<string?>("--card")
        {
            Description = "YAML file that says what the ONNX file does not; leave it out to be told what is missing.",
        };
        var outDir = new Option<string>("--out", "-o") { Description = "Folder for the ONNX file and the card.", Required = true };
        var json = CommonOptions.Json();
        var command = new Command(
            "adopt", "Somebody else's ONNX → model folder: finds inputs, layout and frames, and grafts bytes → normalised in front.")
        {
            file, card, outDir, json,
        };
        command.SetAction(
            parsed => Run(parsed.GetRequiredValue(file), parsed.GetValue(card), parsed.GetRequiredValue(outDir), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string file, string? card, string folder, bool json)
    {
        var options = card is null ? new AdoptOptions() : AdoptCard.Load(card);
        AdoptedModel adopted;
        try
        {
            adopted = ForeignModel.Adopt(file, options, folder);
        }
        catch (Exception refused) when (refused is ForeignModelException or OnnxFileException)
        {
            throw new UsageException(refused.Message);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot write to {folder}: {unwritable.Message}");
        }

        CardFile.Save(adopted.Card, folder);

        // Loaded as `run` would load it, so that nobody learns only there that it does not run.
        var path = Path.Combine(folder, "card.yaml");
        LoadedModel.Load(
            folder, adopted.Card, new ConfigCheck(path), new InferenceOptions { Device = DeviceRequest.Cpu, Batch = new() { Workers = 1 } },
            TimeProvider.System, NullLogger<LoadedModel>.Instance).Dispose();
        if (json)
        {
            AnswerJson.Write(new
            {
                Inputs = adopted.Inputs.Select(Port),
                Outputs = adopted.Outputs.Select(Port),
                Layout = adopted.Layout.ToString().ToLowerInvariant(),
                Card = path,
                Files = adopted.Files.Select(one => new { one.Path, one.Bytes, one.Sha256 }),
            });
        }
        else
        {
            Console.WriteLine($"{string.Join("; ", adopted.Inputs)} understood as {adopted.Layout.ToString().ToLowerInvariant()}");
            foreach (var one in adopted.Files)
            {
                Console.WriteLine(
                    string.Create(CultureInfo.InvariantCulture, $"{one.Path}  {one.Bytes / 1e6:0.0} MB  sha256 {one.Sha256[..12]}…"));
            }

            Console.WriteLine($"{path}  loads and runs on the CPU");
        }

        return ExitCode.Good;
    }

    private static object Port(OnnxPort port) => new { port.Name, Type = port.Type.Label, port.Shape };
}
