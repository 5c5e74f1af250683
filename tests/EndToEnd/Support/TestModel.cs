using System.Runtime.CompilerServices;
using ActionStream.Host.Configuration;
using ActionStream.Models;

namespace ActionStream.EndToEnd.Support;

/// <summary>The untrained mini model, built once for all tests of a run.</summary>
internal static class TestModel
{
    private static readonly Lazy<string> Built = new(Build);

    public static string Folder => Built.Value;

    /// <summary>A copy that a test may spoil.</summary>
    public static string Copy([CallerMemberName] string name = "")
    {
        var copy = Directory.CreateTempSubdirectory($"model-{name}-").FullName;
        foreach (var file in Directory.EnumerateFiles(Folder))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        return copy;
    }

    private static string Build()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "test-model");
        var built = ModelBuilder.Build("factorised-tokenlearner-vivit-mini", new BuildOptions { Split = true }, folder);
        CardFile.Save(built.Card, folder);
        return folder;
    }
}
