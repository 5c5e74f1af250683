using System.Security.Cryptography;
using ActionStream.Models.Graphs.Onnx;
using Google.Protobuf;

namespace ActionStream.Models.Graphs;

/// <summary>Writes and reads .onnx files.</summary>
public static class OnnxFile
{
    /// <summary>Writes the graph, and gives the file's size and SHA-256. What stood there before is replaced only by a whole file.</summary>
    public static OnnxFileSummary Save(Graph graph, string path) => Save(graph.ToModel(), path);

    internal static OnnxFileSummary Save(ModelProto model, string path)
    {
        var partial = path + ".partial";
        using (var file = File.Create(partial))
        {
            model.WriteTo(file);
        }

        File.Move(partial, path, overwrite: true);
        using var written = File.OpenRead(path);
        return new(path, written.Length, Convert.ToHexStringLower(SHA256.HashData(written)));
    }

    /// <summary>The bytes that <see cref="Save"/> would write.</summary>
    public static byte[] Bytes(Graph graph) => graph.ToModel().ToByteArray();

    internal static ModelProto Load(string path)
    {
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
            throw new OnnxFileException(path, missing is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : missing.Message);
        }
    }
}

/// <summary>One written file.</summary>
public sealed record OnnxFileSummary(string Path, long Bytes, string Sha256);

/// <summary>A file that could not be read as ONNX.</summary>
public sealed class OnnxFileException(string path, string problem) : Exception($"{path}: {problem}")
{
    public string Path { get; } = path;
}
