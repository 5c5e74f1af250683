using System.Globalization;
using System.Security.Cryptography;
using ActionStream.Cli.Commands.Benches;
using ActionStream.Core.Modelling;
using ActionStream.Host;
using ActionStream.Host.Configuration;
using ActionStream.Host.Output;
using ActionStream.Models;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Networks;

namespace ActionStream.Cli.Commands.Models;

/// <summary>`models inspect`: what a model's folder, an ONNX file or a checkpoint really holds.</summary>
internal static class ModelInspection
{
    public static int Run(string path, string? part, bool json)
    {
        try
        {
            if (Directory.Exists(path))
            {
                ShowFolder(path, json);
            }
            else if (!File.Exists(path))
            {
                throw new UsageException($"{path} does not exist; expected a model's folder, an .onnx file or a checkpoint");
            }
            else if (Path.GetExtension(path).Equals(".onnx", StringComparison.OrdinalIgnoreCase))
            {
                ShowOnnx(path, json);
            }
            else
            {
                ShowCheckpoint(path, part, json);
            }

            return ExitCode.Good;
        }
        catch (Exception refused) when (refused is CheckpointException or OnnxFileException or ModelBuildException)
        {
            throw new UsageException(refused.Message);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot read {path}: {unreadable.Message}");
        }
    }

    private static void ShowFolder(string folder, bool json)
    {
        var card = CardFile.Load(folder);
        var parts = (ModelFile?[])[card.Model, card.Streaming?.FrameEncoder, card.Streaming?.TemporalHead];
        var files = parts.OfType<ModelFile>().Select(part =>
        {
            var path = Path.Combine(folder, part.Path);
            return (part.Path, Summary: OnnxSummary.Read(path), Digest: DigestOf(path), Stated: part.Sha256);
        }).ToList();

        // A preset of the card's architecture and name tells what a clip costs; other people's models do not.
        var preset = Presets.All.FirstOrDefault(preset => preset.Name == card.Name && preset.Architecture == card.Architecture);
        var cost = preset is null
            ? null
            : FlopCounter.Count(preset, new(card.Input.Frames, card.Input.Height, card.Input.Width, card.Labels.Count));
        if (json)
        {
            AnswerJson.Write(new
            {
                Card = card,
                files[0].Summary.Inputs,
                files[0].Summary.Outputs,
                Ops = Ops(files[0].Summary),
                Parameters = cost?.Parameters ?? files[0].Summary.Parameters,
                cost?.Macs,
                Files = files.Select(file => new
                {
                    file.Path,
                    Sha256 = file.Digest,
                    IsAsStated = file.Stated is null ? (bool?)null : Same(file.Digest, file.Stated),
                    file.Summary.Bytes,
                    file.Summary.Opset,
                }),
            });
            return;
        }

        Console.WriteLine(
            $"{card.Name} ({card.Architecture}), {card.Labels.Count} labels{(card.Trained ? "" : ", untrained: its labels mean nothing")}");
        Console.WriteLine($"weights: {card.Source}; licence: {card.Licence}");
        if (cost is not null)
        {
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"{cost.Parameters:N0} parameters, {cost.Macs / 1e9:0.000} GMACs a clip"));
        }

        foreach (var (path, summary, digest, stated) in files)
        {
            Console.WriteLine();
            Console.WriteLine(
                $"{path}  sha256 "
                + $"{digest}{(stated is null ? "" : Same(digest, stated) ? ", as the card says" : $", NOT {stated} as the card says")}");
            Show(summary);
        }
    }

    private static void ShowOnnx(string path, bool json)
    {
        var summary = OnnxSummary.Read(path);
        var digest = DigestOf(path);
        if (json)
        {
            AnswerJson.Write(new
            {
                summary.Inputs,
                summary.Outputs,
                Ops = Ops(summary),
                summary.Parameters,
                summary.Opset,
                summary.IrVersion,
                summary.Producer,
                summary.Bytes,
                Sha256 = digest,
            });
            return;
        }

        Console.WriteLine($"{path}  sha256 {digest}");
        Show(summary);
    }

    private static void ShowCheckpoint(string path, string? part, bool json)
    {
        var file = Checkpoint.Open(path, part);
        var ranked = CheckpointFit.Rank(file);
        var fits = ranked.Where(pair => pair.Fit.IsComplete && pair.Fit.Unused.Count == 0).Select(pair => pair.Preset.Name).ToList();
        var nearest = ranked[0];
        if (json)
        {
            AnswerJson.Write(new
            {
                file.Container,
                file.Part,
                file.Prefix,
                file.Averaged,
                Parameters = file.Arrays.Sum(array => array.Elements),
                Tensors = file.Arrays.Select(array => new { array.Name, array.Type, array.Shape }),
                Presets = fits,
                Nearest = new { nearest.Preset.Name, nearest.Fit.Share, nearest.Fit.Missing, nearest.Fit.Misshapen, nearest.Fit.Unused },
            });
            return;
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{path}: {file.Container}, {file.Arrays.Count} arrays, {file.Arrays.Sum(array => array.Elements):N0} numbers"
            + $"{(file.Part.Length > 0 ? $" in {file.Part}" : "")}{(file.Prefix.Length > 0 ? $", names without {file.Prefix}" : "")}"));
        foreach (var averaged in file.Averaged)
        {
            Console.WriteLine($"also holds averaged weights: --part {averaged}");
        }

        foreach (var array in file.Arrays)
        {
            Console.WriteLine($"  {array.Name}  {array.Type} [{string.Join(", ", array.Shape)}]");
        }

        Console.WriteLine(
            fits.Count > 0 ? $"fits {string.Join(", ", fits)}"
            : nearest.Fit.Matched == 0 ? "fits no preset"
            : $"nearest is {nearest.Preset.Name}: {nearest.Fit.Problem(most: 3)}");
    }

    private static void Show(OnnxSummary summary)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {summary.Bytes / 1e6:0.0} MB, {summary.Parameters:N0} numbers in weights, opset {summary.Opset}, "
            + $"written by {(summary.Producer.Length > 0 ? summary.Producer : "an unnamed producer")}"));
        Console.WriteLine($"  in   {string.Join("; ", summary.Inputs)}");
        Console.WriteLine($"  out  {string.Join("; ", summary.Outputs)}");
        Console.WriteLine($"  ops  {string.Join(", ", summary.Ops.Select(op => $"{op.Key} {op.Value}"))}");
    }

    private static Dictionary<string, int> Ops(OnnxSummary summary) =>
        summary.Ops.ToDictionary(op => op.Key, op => op.Value, StringComparer.Ordinal);

    private static bool Same(string digest, string stated) => digest.Equals(stated, StringComparison.OrdinalIgnoreCase);

    private static string DigestOf(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
