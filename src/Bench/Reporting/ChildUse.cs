using System.Globalization;

namespace ActionStream.Bench.Reporting;

/// <summary>What this process's children use and get done, read from the kernel while they run.</summary>
/// <remarks>
/// Process.TotalProcessorTime throws once a child has ended, and counts in hundredths of a second. The scheduler's own
/// account is in nanoseconds, for each thread; ffmpeg's threads live as long as it does, so that none is missed.
/// The bytes of video it has read tell how far it came: on a machine that is too busy a child does less, not the same for less.
/// </remarks>
internal sealed class ChildUse
{
    private readonly Func<IReadOnlyList<int>> _children;
    private readonly Dictionary<int, (TimeSpan Cpu, long Read)> _began;

    /// <summary>Begins to count for the children there are.</summary>
    /// <param name="children">Which of them count; all of this process unless given.</param>
    public ChildUse(Func<IReadOnlyList<int>>? children = null)
    {
        _children = children ?? Children;
        _began = _children().ToDictionary(child => child, child => (Cpu(child), Read(child)));
    }

    /// <summary>How many there were.</summary>
    public int Count => _began.Count;

    /// <summary>CPU time they used since, and bytes they read.</summary>
    /// <exception cref="BenchException">Another set of children runs by now: what an ended one used is unknown.</exception>
    public (TimeSpan Cpu, long Read) Since()
    {
        var now = _children().ToHashSet();
        return now.SetEquals(_began.Keys)
            ? (TimeSpan.FromTicks(_began.Sum(child => (Cpu(child.Key) - child.Value.Cpu).Ticks)),
                _began.Sum(child => Read(child.Key) - child.Value.Read))
            : throw new BenchException($"the children changed while they were measured: {_began.Count} at first, {now.Count} at the end");
    }

    public static IReadOnlyList<int> Children() =>
    [
        .. from task in Directory.EnumerateDirectories("/proc/self/task")
           from child in ReadIfThere($"{task}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
           select int.Parse(child, CultureInfo.InvariantCulture),
    ];

    // A thread may end between the listing and the reading; what it started then belongs to another.
    private static string ReadIfThere(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>User and system time of a process that runs or has ended but was not reaped.</summary>
    public static TimeSpan Cpu(int process) => File.Exists($"/proc/{process}/schedstat")
        ? TimeSpan.FromTicks(Directory.EnumerateDirectories($"/proc/{process}/task").Sum(task => Nanoseconds($"{task}/schedstat"))
            / TimeSpan.NanosecondsPerTick)
        : FromStat(File.ReadAllText($"/proc/{process}/stat"));

    /// <summary>Reads /proc/PID/stat: utime and stime, the 14th and 15th field, in hundredths of a second.</summary>
    internal static TimeSpan FromStat(string stat)
    {
        // The second field is the program's name, which may hold spaces and brackets.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromMilliseconds(10 * (Number(fields[11]) + Number(fields[12])));
    }

    private static long Read(int process) =>
        Number(
            File.ReadLines($"/proc/{process}/io").First(line => line.StartsWith("rchar:", StringComparison.Ordinal))["rchar: ".Length..]);

    private static long Nanoseconds(string schedstat) => Number(File.ReadAllText(schedstat).Split(' ')[0]);

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
