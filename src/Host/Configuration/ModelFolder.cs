using ActionStream.Core.Modelling;

namespace ActionStream.Host.Configuration;

/// <summary>Finds models: by path, or the packaged one by the word `default`.</summary>
internal static class ModelFolder
{
    public const string Default = "default";

    /// <summary>The folder, which need not exist. `default` is models/default beside the program, or above it in a checkout.</summary>
    public static string Resolve(string path) =>
        path != Default
            ? path
            : Packaged("models/default", folder => File.Exists(Path.Combine(folder, ModelCard.FileName))) ?? "models/default";

    /// <summary>A folder or file that comes with the program: beside it, or in the checkout it was built from.</summary>
    public static string? Packaged(string relative, Func<string, bool> isThere)
    {
        for (var folder = AppContext.BaseDirectory.TrimEnd('/'); !string.IsNullOrEmpty(folder); folder = Path.GetDirectoryName(folder))
        {
            if (Path.Combine(folder, relative) is var found && isThere(found))
            {
                return found;
            }
        }

        return null;
    }
}
