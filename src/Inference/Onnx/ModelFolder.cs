using System.Security.Cryptography;
using ActionStream.Core.Configuration;
using ActionStream.Core.Modelling;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace ActionStream.Inference.Onnx;

/// <summary>Holds a model's files against its card: what is there, unbroken, and shaped as the card says.</summary>
internal static class ModelFolder
{
    public static void Check(string folder, ModelCard card, ConfigCheck check)
    {
        var input = card.Input;
        Check(
            folder, card.Model, check.At(nameof(card.Model)),
            new(input.Name, TensorElementType.UInt8, [null, input.Frames, input.Height, input.Width, 3], "[N, frames, height, width, 3]"),
            new Port(
                card.Output.Name, TensorElementType.Float, [null, card.Labels.Count],
                $"[N, one number for each of the card's {card.Labels.Count} labels]"));

        if (card.Streaming is { } parts)
        {
            var at = check.At(nameof(card.Streaming));
            var steps = input.Frames / parts.Tubelet;
            Check(
                folder, parts.FrameEncoder, at.At(nameof(parts.FrameEncoder)),
                new(null, TensorElementType.UInt8, [null, parts.Tubelet, input.Height, input.Width, 3], "[N, tubelet, height, width, 3]"),
                [
                    new Port(null, TensorElementType.Float, [null, parts.Tokens, parts.Width], "[N, tokens, width]"),
                    .. MapsOf(parts),
                ]);
            Check(
                folder, parts.TemporalHead, at.At(nameof(parts.TemporalHead)),
                new(null, TensorElementType.Float, [null, steps, parts.Tokens, parts.Width], "[N, frames / tubelet, tokens, width]"),
                new Port(
                    null, TensorElementType.Float, [null, card.Labels.Count],
                    $"[N, one number for each of the card's {card.Labels.Count} labels]"));
        }
    }

    private static IEnumerable<Port> MapsOf(StreamingParts parts)
    {
        if (parts.Attention is { } maps)
        {
            yield return new(
                maps.Name, TensorElementType.Float, [null, parts.Tokens, maps.Height, maps.Width], "[N, tokens, rows, columns]");
        }
    }

    private static void Check(string folder, ModelFile file, ConfigCheck check, Port input, params ReadOnlySpan<Port> outputs)
    {
        var path = Path.Combine(folder, file.Path);
        if (!File.Exists(path))
        {
            check.Report(nameof(file.Path), $"is {file.Path}; there is no such file in {folder}");
            return;
        }

        try
        {
            if (file.Sha256 is not null && DigestOf(path) is var digest
                && !digest.Equals(file.Sha256, StringComparison.OrdinalIgnoreCase))
            {
                check.Report(
                    nameof(file.Sha256),
                    $"is {Short(file.Sha256)}; {file.Path} has {Short(digest)}: "
                    + "the file was changed or exchanged after the card was written");
            }

            using var session = OnnxSessionFactory.OpenToRead(path);
            Check(session.InputMetadata, "input", input, file, check);
            foreach (var output in outputs)
            {
                Check(session.OutputMetadata, "output", output, file, check);
            }
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            check.Report(nameof(file.Path), $"is {file.Path}; it cannot be read: {unreadable.Message.Split('\n')[0]}");
        }
        catch (OnnxRuntimeException broken)
        {
            check.Report(nameof(file.Path), $"is {file.Path}; ONNX Runtime cannot read it: {broken.Message.Split('\n')[0]}");
        }
    }

    private static void Check(
        IReadOnlyDictionary<string, NodeMetadata> ports, string side, Port expected, ModelFile file, ConfigCheck check)
    {
        var name = expected.Name ?? ports.Keys.First();
        if (!ports.TryGetValue(name, out var port) || (side == "input" && ports.Count > 1))
        {
            check.Report(
                nameof(file.Path),
                $"is {file.Path}; its {side}s are {string.Join(", ", ports.Keys)}; expected {name} alone, as the card says");
            return;
        }

        if (!port.IsTensor || port.ElementDataType != expected.Type)
        {
            var seen = port.IsTensor ? port.ElementDataType.ToString() : port.OnnxValueType.ToString();
            check.Report(
                nameof(file.Path), $"is {file.Path}; its {side} {name} is {Word(seen)}; expected {Word(expected.Type.ToString())}");
        }

        if (port.IsTensor && !Fits(port.Dimensions, expected.Shape))
        {
            check.Report(
                nameof(file.Path),
                $"is {file.Path}; its {side} {name} is [{string.Join(", ", Show(port))}]; "
                + $"expected [{string.Join(", ", expected.Shape.Select(axis => axis?.ToString() ?? "N"))}], that is {expected.Meaning}");
        }
    }

    // An axis the file leaves open (-1) fits anything; the batch has to be open or 1.
    private static bool Fits(int[] seen, int?[] expected) =>
        seen.Length == expected.Length
        && seen.Zip(expected).All(pair => pair.First < 0 || pair.First == (pair.Second ?? 1));

    private static IEnumerable<string> Show(NodeMetadata port) =>
        port.Dimensions.Select(
            (axis, i) => axis >= 0 ? axis.ToString() : port.SymbolicDimensions[i] is { Length: > 0 } symbol ? symbol : "?");

    private static string Word(string type) => type switch
    {
        "Float" => "float32",
        "Float16" => "float16",
        "Double" => "float64",
        _ => type.ToLowerInvariant(),
    };

    private static string DigestOf(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static string Short(string digest) => digest[..Math.Min(12, digest.Length)].ToLowerInvariant() + "…";

    /// <param name="Name">Null: whatever the file's first is called.</param>
    /// <param name="Shape">Null is the batch.</param>
    private sealed record Port(string? Name, TensorElementType Type, int?[] Shape, string Meaning);
}
