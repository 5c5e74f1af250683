using System.Globalization;
using System.Security.Cryptography;
using ActionStream.Models.Graphs.Onnx;
using Google.Protobuf;

namespace ActionStream.Models.Graphs;

/// <summary>Writes and reads .onnx files.</summary>
public static class OnnxFile
{
    /// <summary>Arrays of more than this together go to a file of their own: protobuf ends at 2 GB.</summary>
    private const long MostInOneFile = 1_000_000_000;

    // Where memory pages begin, so that a reader may map the file.
    private const int Page = 4096;

    /// <summary>Writes the graph, and gives the file's size and SHA-256. What stood there before is
    /// replaced only by a whole file.</summary>
    public static OnnxFileSummary Save(Graph graph, string path) => Save(graph.ToModel(), path);

    /// <summary>Above the limit, arrays lie beside the model in a file named like it, with .data behind.</summary>
    internal static OnnxFileSummary Save(ModelProto model, string path, long mostInOneFile = MostInOneFile)
    {
        var data =
            model.Graph.Initializer.Sum(tensor => (long)tensor.RawData.Length) > mostInOneFile ? SaveArrays(model, path + ".data") : null;
        return Replace(path, model.WriteTo) with { Data = data };
    }

    // Small ones stay: a shape or a scale is read with the graph.
    private static OnnxFileSummary SaveArrays(ModelProto model, string path) => Replace(path, file =>
    {
        foreach (var tensor in model.Graph.Initializer.Where(tensor => tensor.RawData.Length >= Page))
        {
            var offset = (file.Position + Page - 1) / Page * Page;
            file.SetLength(offset);
            file.Position = offset;
            tensor.RawData.WriteTo(file);
            tensor.ExternalData.Add([
                new() { Key = "location", Value = Path.GetFileName(path) },
                new() { Key = "offset", Value = offset.ToString(CultureInfo.InvariantCulture) },
                new() { Key = "length", Value = tensor.RawData.Length.ToString(CultureInfo.InvariantCulture) },
            ]);
            tensor.DataLocation = TensorProto.Types.DataLocation.External;
            tensor.RawData = ByteString.Empty;
        }
    });

    private static OnnxFileSummary Replace(string path, Action<FileStream> write)
    {
        var partial = path + ".partial";
        using (var file = File.Create(partial))
        {
            write(file);
        }

        File.Move(partial, path, overwrite: true);
        using var written = File.OpenRead(path);
        return new(path, written.Length, Convert.ToHexStringLower(SHA256.HashData(written)));
    }

    /// <summary>The bytes that <see cref="Save(Graph, string)"/> would write.</summary>
    public static byte[] Bytes(Graph graph) => graph.ToModel().ToByteArray();

    internal static ModelProto Load(string path)
    {
        _ = OnnxOutline.Read(path); // counted before it becomes objects
        try
        {
            using var file = File.OpenRead(path);
            var model = ModelProto.Parser.ParseFrom(file);
            return model.Graph is { Node.Count: > 0 }
                ? model
                : throw new OnnxFileException(path, "it holds no graph, so it is empty, cut short, or not an ONNX file");
        }
        catch (InvalidProtocolBufferException)
        {
            throw new OnnxFileException(path, "its content is damaged, or it is not an ONNX file");
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            throw new OnnxFileException(
                path, missing is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : missing.Message);
        }
    }
}

/// <summary>One written file.</summary>
/// <param name="Data">The file beside it that holds its arrays, where they are too large for one.</param>
public sealed record OnnxFileSummary(string Path, long Bytes, string Sha256, OnnxFileSummary? Data = null);

/// <summary>A file that could not be read as ONNX.</summary>
public sealed class OnnxFileException(string path, string problem) : Exception($"{path}: {problem}")
{
    public string Path { get; } = path;
}
