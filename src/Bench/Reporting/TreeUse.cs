using System.Globalization;

namespace ActionStream.Bench.Reporting;

/// <summary>CPU of this process and all its children, those too that ended meanwhile.</summary>
/// <param name="others">Children that belong to the measurement and not to what is measured; they live as long as it does.</param>
internal sealed class TreeUse(params IReadOnlyCollection<int> others)
{
    private TimeSpan _own = Environment.CpuUsage.TotalTime;
    private TimeSpan _children = Children(others);

    /// <summary>Since the beginning, or since the last time this was asked.</summary>
    public (TimeSpan Own, TimeSpan Children) Since()
    {
        var (own, children) = (Environment.CpuUsage.TotalTime, Children(others));
        var since = (own - _own, children - _children);
        (_own, _children) = (own, children);
        return since;
    }

    /// <summary>Children that run and are measured.</summary>
    public IReadOnlyList<int> Running => [.. ChildUse.Children().Where(child => !others.Contains(child))];

    /// <summary>CPU so far of those children that run and have such a word in their command line.</summary>
    public TimeSpan Of(string word) => TimeSpan.FromTicks(Running.Where(child => Has(child, word)).Sum(child => CpuIfThere(child).Ticks));

    /// <summary>Memory of a process, of what it shares with others its share.</summary>
    public static double Mib(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/smaps_rollup").First(line => line.StartsWith("Pss:", StringComparison.Ordinal));
            return long.Parse(line[4..^2].Trim(), CultureInfo.InvariantCulture) / 1024.0;
        }
        catch (IOException)
        {
            return 0; // it has ended
        }
    }

    private static TimeSpan Children(IReadOnlyCollection<int> others)
    {
        var reaped = Reaped();
        while (true)
        {
            var running = TimeSpan.FromTicks(
                ChildUse.Children().Where(child => !others.Contains(child)).Sum(child => CpuIfThere(child).Ticks));
            var again = Reaped();
            if (again == reaped)
            {
                return reaped + running;
            }

            reaped = again; // one ended in between, and would be missing or count twice
        }
    }

    private static TimeSpan CpuIfThere(int child)
    {
        try
        {
            return ChildUse.Cpu(child);
        }
        catch (IOException)
        {
            return TimeSpan.Zero;
        }
    }

    private static bool Has(int child, string word)
    {
        try
        {
            return File.ReadAllText($"/proc/{child}/cmdline").Split('\0').Contains(word);
        }
        catch (IOException)
        {
            return false;
        }
    }

    // The 16th and 17th field: children that were waited for, in hundredths of a second.
    private static TimeSpan Reaped()
    {
        var stat = File.ReadAllText("/proc/self/stat");
        return TimeSpan.FromMilliseconds(
            10 * stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[13..15].Sum(ticks => long.Parse(ticks, CultureInfo.InvariantCulture)));
    }
}
