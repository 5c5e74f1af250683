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
}
