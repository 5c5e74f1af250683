using System.Diagnostics;
using System.Globalization;

namespace ActionStream.EndToEnd.Support;

/// <summary>Who runs on this machine, as /proc tells: what a test started must not outlive it.</summary>
internal static class Processes
{
    public static int[] Children(int parent) =>
        [.. Directory.EnumerateDirectories($"/proc/{parent}/task")
            .SelectMany(task => File.ReadAllText($"{task}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(int.Parse)];

    public static void Signal(int process, string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", process.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Everybody who was started with this in his environment, whoever his parent is by now.</summary>
    public static int[] WithEnvironment(string name, string value) =>
    [
        .. from folder in Directory.EnumerateDirectories("/proc")
           where int.TryParse(Path.GetFileName(folder), out _)
           where Read(folder, "environ").Contains($"{name}={value}", StringComparison.Ordinal)
           select int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture),
    ];

    /// <summary>Everybody alive who has this among the words he was started with.</summary>
    public static int[] WithArgument(string word) =>
    [
        .. from folder in Directory.EnumerateDirectories("/proc")
           where int.TryParse(Path.GetFileName(folder), out _) && Read(folder, "cmdline").Split('\0').Contains(word)
           select int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture),
    ];

    /// <summary>A zombie is not: it waits only for whoever inherited it to look.</summary>
    public static bool IsAlive(int process)
    {
        try
        {
            return !File.ReadLines($"/proc/{process}/status").Any(line => line.StartsWith("State:\tZ", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static string Read(string folder, string file)
    {
        try
        {
            return File.ReadAllText($"{folder}/{file}");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
