using System.CommandLine;
using System.Globalization;
using ActionStream.Cli.Commands.Benches;
using ActionStream.Core.Files;
using ActionStream.Host;
using ActionStream.Host.Configuration;
using ActionStream.Host.Output;
using ActionStream.Inference.Onnx;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Networks;
using ActionStream.Models.Verifying;

namespace ActionStream.Cli.Commands.Models;

/// <summary>`models verify`: a network of ours, run on a reference's input with a reference's weights,
/// gives the reference's numbers.</summary>
internal static class ModelVerification
{
    public static Command Create()
    {
        var target = new Argument<string>("target")
        {
            Description = "A golden file (.safetensors), or with --against a model's folder or .onnx file.",
        };
        var against = new Option<string?>("--against")
        {
            Description = "Golden file whose input and output an already built model is held against.",
        };
        var form = new Option<GraphForm>("--form")
        {
            Description = "How the graph is written: cpu, gpu or portable.",
            DefaultValueFactory = _ => GraphForm.Cpu,
        };
        var json = CommonOptions.Json();
        var command = new Command(
            "verify", "Run a reference's input through ONNX Runtime and compare every number it tells.") { target, against, form, json };
        command.SetAction(
            parsed => Run(parsed.GetRequiredValue(target), parsed.GetValue(against), parsed.GetValue(form), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string target, string? against, GraphForm form, bool json)
    {
        if (against is null && Directory.Exists(target))
        {
            throw new UsageException(
                $"{target} is a folder: a model holds no numbers to compare with; name the golden file that it "
                + "is held against (--against FILE)");
        }

        using var folder = new TemporaryFolder("verify");
        try
        {
            var golden = GoldenFile.Open(against ?? target);
            var file = folder.At("model.onnx");
            IReadOnlyList<NamedArray> inputs;
            if (against is null)
            {
                golden.WriteOnnx(file, form);
                inputs = golden.Inputs();
            }
            else
            {
                var built = Directory.Exists(target) ? Path.Combine(target, CardFile.Load(target).Model.Path) : target;
                inputs = [PastPrelude.Write(built, golden, file)];
            }

            var results = OnnxRun.Run(file, inputs.ToDictionary(input => input.Name, input => (input.Shape, input.Values)));
            return Report(golden, Verification.Of(golden, against is null ? results : PastPrelude.Answer(results)), json);
        }
        catch (Exception refused) when (refused is CheckpointException or OnnxFileException or OnnxRunException or ModelBuildException)
        {
            throw new UsageException(refused.Message);
        }
        catch (Exception hindered) when (hindered is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{folder.Path} cannot be worked in: {hindered.Message}");
        }
    }

    private static int Report(GoldenFile golden, Verification verification, bool json)
    {
        var (output, mids, unmarked) = verification;
        if (json)
        {
            AnswerJson.Write(new
            {
                golden.Architecture,
                Ok = verification.IsGood,
                output.MaxAbs,
                output.MaxRel,
                Tolerance = golden.Tolerances.Output,
                Mids = mids.ToDictionary(mid => mid.Key, mid => mid.Value.MaxRel),
                MidTolerance = golden.Tolerances.Mid,
                UnmarkedMids = unmarked,
            });
        }
        else
        {
            foreach (var (name, mid) in mids)
            {
                Console.WriteLine(Line(name, mid));
            }

            foreach (var name in unmarked)
            {
                Console.WriteLine($"        -      -    {name} is not named by our network");
            }

            Console.WriteLine(Line("output", output));
            Console.WriteLine(verification.IsGood
                ? $"{golden.Architecture}: equal to its reference"
                : $"{golden.Architecture}: NOT equal to its reference");
        }

        return verification.IsGood ? ExitCode.Good : ExitCode.Failed;
    }

    private static string Line(string name, Difference difference) => string.Create(
        CultureInfo.InvariantCulture, $"{(difference.IsGood ? "ok     " : "TOO FAR")}  {difference.MaxRel:e1}  {name}");
}
