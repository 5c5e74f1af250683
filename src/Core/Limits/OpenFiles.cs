using System.Runtime.InteropServices;

namespace ActionStream.Core.Limits;

/// <summary>How many files this process may have open and how many it has: sockets and pipes count, and each of the
/// runtime's own libraries does, twice.</summary>
/// <remarks>The soft limit is the hard one: the runtime raises it before our first line runs.</remarks>
public static partial class OpenFiles
{
    private const int NoFile = 7; // RLIMIT_NOFILE on Linux
    private const string Folder = "/proc/self/fd";

    /// <summary>Read anew each time, since it may be changed from outside; no limit where none is known.</summary>
    public static long Limit => OperatingSystem.IsLinux() && GetLimit(NoFile, out var limits) == 0
        ? (long)Math.Min(limits.Soft, long.MaxValue)
        : long.MaxValue;

    /// <summary>What may still be opened.</summary>
    public static long Left
    {
        get
        {
            var limit = Limit;
            return limit == long.MaxValue ? limit : limit - Count(limit);
        }
    }

    private static long Count(long limit)
    {
        try
        {
            return Directory.Exists(Folder) ? Directory.EnumerateFileSystemEntries(Folder).Count() - 1 : 0; // the listing is one of them
        }
        catch (IOException)
        {
            return limit; // not even the listing could be opened
        }
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limits limits);

    private struct Limits
    {
        public ulong Soft;
        public ulong Hard;
    }
}
