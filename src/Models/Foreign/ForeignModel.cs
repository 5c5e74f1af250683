using System.Security.Cryptography;
using ActionStream.Core.Modelling;
using ActionStream.Models.Graphs;

namespace ActionStream.Models.Foreign;

/// <summary>What an adoption wrote.</summary>
/// <param name="Card">To be written beside the files as card.yaml.</param>
/// <param name="Files">Paths, sizes, digests; the model first.</param>
/// <param name="Inputs">The original inputs.</param>
/// <param name="Outputs">The original outputs.</param>
/// <param name="Layout">How the original's axes were understood.</param>
public sealed record AdoptedModel(
    ModelCard Card, IReadOnlyList<OnnxFileSummary> Files, IReadOnlyList<OnnxPort> Inputs, IReadOnlyList<OnnxPort> Outputs,
    ForeignLayout Layout);

/// <summary>Somebody else's ONNX file that cannot be adopted as it is, in words that say what is missing.</summary>
public sealed class ForeignModelException(string message) : Exception(message);

/// <summary>Makes somebody else's ONNX file one of ours: bytes in, [N, T, H, W, 3], and a card that says the rest.
/// The graph itself stays as it was.</summary>
public static class ForeignModel
{
    /// <exception cref="OnnxFileException">The file is missing, damaged, or not ONNX.</exception>
    /// <exception cref="ForeignModelException">Something has to be said first, all of it at once; or no card could help.</exception>
    public static AdoptedModel Adopt(string path, AdoptOptions options, string folder)
    {
        var file = Path.GetFileName(path);
        var model = OnnxFile.Load(path);
        var summary = OnnxSummary.Read(path);
        var found = ForeignFindings.Of(model, OnnxOutline.Read(path), file, options);
        var question = new ForeignQuestion(file, summary, found, options);
        question.ThrowIfAnyMissing();

        var external = ExternalFiles.Of(model, Path.GetDirectoryName(Path.GetFullPath(path))!, file);
        int frames = (options.Frames ?? found.Frames)!.Value, height = (options.Height ?? found.Height)!.Value,
            width = (options.Width ?? found.Width)!.Value;
        var (gain, shift) = Normalisation(options);
        var input = Prelude.Graft(model, found.Inputs, new(
            found.Layout!.Value, frames, options.SlowFrames ?? found.SlowFrames, height, width, options.Colour!.Value, gain,
            shift, found.Views ?? 1));
        var output = ForeignAnswer.Shape(model, found, options.Labels.Count, file);

        Directory.CreateDirectory(folder);
        List<OnnxFileSummary> files = [OnnxFile.Save(model, Path.Combine(folder, "model.onnx"))];
        files.AddRange(
            external.Select(name => Copy(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, name), Path.Combine(folder, name))));
        var card = new ModelCard
        {
            Name = options.Name.Length > 0 ? options.Name : Path.GetFileNameWithoutExtension(path),
            Architecture = "onnx_external",
            Trained = true,
            Source = options.Source.Length > 0 ? options.Source : file,
            Licence = options.Licence.Length > 0 ? options.Licence : "unknown",
            Model = new() { Path = "model.onnx", Sha256 = files[0].Sha256 },
            Input = new()
            {
                Name = input,
                Frames = frames,
                Height = height,
                Width = width,
                Interval = options.Interval!.Value,
                Fit = options.Fit,
            },
            Output = new() { Name = output, Activation = (options.Activation ?? found.Activation)!.Value, Background = options.Background },
            Labels = options.Labels,
        };
        return new(card, files, summary.Inputs, summary.Outputs, found.Layout.Value);
    }

    /// <summary>The bytes of an adopted file with its original inputs; null if it was not adopted.</summary>
    /// <remarks>For comparing with the numbers of whoever made it: those begin behind the prelude.</remarks>
    public static byte[]? WithoutPrelude(string path)
    {
        var model = OnnxFile.Load(path);
        return Prelude.Remove(model) ? Google.Protobuf.MessageExtensions.ToByteArray(model) : null;
    }

    // (v · scale − mean) / std as one factor and one shift per colour.
    private static (float[] Gain, float[] Shift) Normalisation(AdoptOptions options)
    {
        double[] std = Three(options.Std ?? [1]), mean = Three(options.Mean ?? [0]);
        return ([.. std.Select(one => (float)((options.Scale ?? 1) / one))], [.. mean.Zip(std, (middle, one) => (float)(middle / one))]);
    }

    private static double[] Three(IReadOnlyList<double> numbers) =>
        numbers.Count == 1 ? [numbers[0], numbers[0], numbers[0]] : [.. numbers];

    private static OnnxFileSummary Copy(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        if (Path.GetFullPath(from) != Path.GetFullPath(to))
        {
            File.Copy(from, to, overwrite: true);
        }

        using var written = File.OpenRead(to);
        return new(to, written.Length, Convert.ToHexStringLower(SHA256.HashData(written)));
    }
}
