using System.Text.RegularExpressions;
using ActionStream.Core.Results;

namespace ActionStream.Ingest.Recording;

/// <summary>Removes kept recording: at the start all that a former life left behind, which nothing can be made of any more.</summary>
/// <remarks>Only what bears names of our making, whatever else somebody put there.</remarks>
internal static partial class StaleFileCleaner
{
    /// <summary>Empties a ring's folder: camera, connection, pieces.</summary>
    public static void All(string root)
    {
        if (!Directory.Exists(root))
        {
            return;
        }

        foreach (var camera in Directory.EnumerateDirectories(root).Where(folder => Slug.IsSlug(Path.GetFileName(folder))).ToList())
        {
            foreach (var connection
                in Directory.EnumerateDirectories(camera).Where(folder => Number().IsMatch(Path.GetFileName(folder))).ToList())
            {
                Remove(connection);
            }

            RemoveEmpty(camera);
        }
    }

    /// <summary>Removes one connection's folder.</summary>
    public static void Remove(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (var file in Directory.EnumerateFiles(folder).Where(file => OurFile().IsMatch(Path.GetFileName(file))).ToList())
        {
            File.Delete(file);
        }

        RemoveEmpty(folder);
    }

    private static void RemoveEmpty(string folder)
    {
        if (!Directory.EnumerateFileSystemEntries(folder).Any())
        {
            Directory.Delete(folder);
        }
    }

    // Former versions wrote the second and the third.
    [GeneratedRegex(@"^(\d{5,}\.nut|\d{5,}\.ts|list\.csv(\.tmp)?)\z")]
    private static partial Regex OurFile();

    [GeneratedRegex(@"^\d+\z")]
    private static partial Regex Number();
}
