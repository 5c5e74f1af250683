using System.Globalization;

namespace ActionStream.EndToEnd.Support;

/// <summary>What /proc tells of a process and of those it started. Whoever has gone meanwhile has nothing to tell.</summary>
internal static class ProcessTree
{
    public static IReadOnlyList<int> Descendants(int process)
    {
        var all = new List<int>();
        try
        {
            foreach (var child in Processes.Children(process))
            {
                all.Add(child);
                all.AddRange(Descendants(child));
            }
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
        }

        return all;
    }

    /// <summary>What its descriptors lead to.</summary>
    public static IReadOnlyList<string> Files(int process)
    {
        var all = new List<string>();
        try
        {
            foreach (var file in Directory.EnumerateFileSystemEntries($"/proc/{process}/fd"))
            {
                all.Add(new FileInfo(file).LinkTarget ?? "");
            }
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
        }

        return all;
    }

    public static string CommandLine(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline").Replace('\0', ' ');
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>A number of /proc/N/status; 0 of a process that has gone.</summary>
    public static double Status(int process, string name)
    {
        try
        {
            return File.ReadLines($"/proc/{process}/status").Where(line => line.StartsWith(name + ":", StringComparison.Ordinal))
                .Select(line => double.Parse(line.Split(['\t', ' '], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture))
                .FirstOrDefault();
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
