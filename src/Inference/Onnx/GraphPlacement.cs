using System.Text.Json;
using Microsoft.ML.OnnxRuntime;

namespace ActionStream.Inference.Onnx;

/// <summary>Where each node of a graph really runs: what a device has no kernel for goes to the CPU
/// without a word, and costs two copies.</summary>
/// <param name="Nodes">Kind of node and execution provider of each kernel of one run.</param>
public sealed record GraphPlacement(IReadOnlyList<(string Kind, string Provider)> Nodes)
{
    /// <summary>Runs the graph once, with ONNX Runtime's profiler, and reads what it wrote.</summary>
    /// <param name="folder">Where the profile lies meanwhile.</param>
    public static GraphPlacement Of(string path, OnnxSessionFactory factory, string folder)
    {
        string profile;
        using (var loop = new GraphLoop(path, factory.Profiling(Path.Combine(folder, "profile"))))
        {
            loop.Answers(new byte[loop.RowBytes], 1);
            profile = loop.EndProfile();
        }

        using var events = JsonDocument.Parse(File.ReadAllBytes(profile));
        File.Delete(profile);
        return new(
        [
            .. from one in events.RootElement.EnumerateArray()
               where one.TryGetProperty("name", out var name) && name.GetString()!.EndsWith("_kernel_time", StringComparison.Ordinal)
               let about = one.GetProperty("args")
               select (about.GetProperty("op_name").GetString()!, about.GetProperty("provider").GetString()!),
        ]);
    }
}
