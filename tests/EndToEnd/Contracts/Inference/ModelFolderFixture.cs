using ActionStream.Core.Modelling;
using ActionStream.Models;

namespace ActionStream.EndToEnd.Contracts.Inference;

/// <summary>The demo's model, built once, and copies of its folder for tests that break it.</summary>
public sealed class ModelFolderFixture : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("actionstream-models-").FullName;
    private int _copies;

    public ModelFolderFixture()
    {
        Folder = Path.Combine(_root, "mini");
        Built = ModelBuilder.Build("factorised-tokenlearner-vivit-mini", new BuildOptions { Split = true }, Folder);
    }

    public string Folder { get; }

    public BuiltModel Built { get; }

    public ModelCard Card => Built.Card;

    public string Copy()
    {
        var copy = Directory.CreateDirectory(Path.Combine(_root, $"copy-{Interlocked.Increment(ref _copies)}")).FullName;
        foreach (var file in Directory.EnumerateFiles(Folder))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        return copy;
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
