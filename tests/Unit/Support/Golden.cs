using System.Runtime.CompilerServices;

namespace ActionStream.Unit.Support;

/// <summary>Compares with a file in the part's folder `golden`; UPDATE_GOLDEN=1 writes it anew, and the diff is
/// reviewed as a change of the product.</summary>
public static class Golden
{
    public static void Equals(string actual, string file, [CallerFilePath] string test = "")
    {
        var folder = Path.GetDirectoryName(test)!;
        while (!Directory.Exists(Path.Combine(folder, "golden")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException($"no folder `golden` beside or above {test}");
        }

        var path = Path.Combine(folder, "golden", file);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual.TrimEnd('\n') + "\n");
        }

        Assert.True(File.Exists(path), $"{path} is missing; run the tests with UPDATE_GOLDEN=1 and review it");
        Assert.Equal(File.ReadAllText(path).TrimEnd('\n'), actual.TrimEnd('\n'));
    }
}
