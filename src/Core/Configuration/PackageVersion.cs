using System.Text.Json;

namespace ActionStream.Core.Configuration;

/// <summary>The version of a package as it was restored; what assemblies say of themselves is often older.</summary>
public static class PackageVersion
{
    /// <summary>As the build noted it beside the program, or "unknown".</summary>
    public static string Of(string package)
    {
        var notes = (AppContext.GetData("APP_CONTEXT_DEPS_FILES") as string ?? "").Split(';').Where(File.Exists);
        return notes.Select(path => Find(path, package)).FirstOrDefault(version => version is not null) ?? "unknown";
    }

    private static string? Find(string path, string package)
    {
        using var notes = JsonDocument.Parse(File.ReadAllBytes(path));
        return notes.RootElement.TryGetProperty("libraries", out var libraries)
            ? libraries.EnumerateObject()
                .Where(library => library.Name.StartsWith(package + "/", StringComparison.OrdinalIgnoreCase))
                .Select(library => library.Name[(package.Length + 1)..])
                .FirstOrDefault()
            : null;
    }
}
