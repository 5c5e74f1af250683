using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime.InteropServices;
using ActionStream.Core.Limits;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>Starts children that cannot outlive us, on the one thread "child spawner", and knows how many there are.</summary>
/// <remarks>
/// The kernel ends a child when its parent dies, if the child asked for that signal (prctl PR_SET_PDEATHSIG, which
/// `setpriv --pdeathsig` does for it). Two traps. It means the THREAD that forked, not the process: started from a pool
/// thread, a camera would be killed whenever the pool shrinks; hence one spawn thread, which lives as long as the process.
/// And a parent that dies between the fork and the asking sends nothing: hence the shell that looks who its parent is
/// before it becomes the program. The same shell sets the child's limits. The group of its own is for a program that is
/// a script around ffmpeg: what it started ends with it.
/// </remarks>
public static partial class ChildProcesses
{
    private const int SigKill = 9;
    private const int SigTerm = 15;

    /// <summary>Descriptors that no child may take: a library that is loaded, a request that is answered, a broker that comes
    /// back must still find some.</summary>
    private const int Spare = 32;

    private const string Shell = "/bin/sh";

    // Few files, however many we may have: programs that close all they might have inherited count up to the limit.
    // Where a hard limit is lower already, it stays.
    private const string Become =
        """[ "$PPID" = "$0" ] && { ulimit -S -n 256; ulimit -d "$1"; } 2>/dev/null; [ "$PPID" = "$0" ] && shift && exec "$@" """;

    private static readonly Lazy<BlockingCollection<Action>> SpawnThread = new(StartSpawnThread);
    private static readonly Lazy<string[]> Before = new(FindBefore);
    private static int _count;

    /// <summary>Long-running children alive.</summary>
    public static int Count => Volatile.Read(ref _count);

    public static void Observe(Meter meter) => meter.CreateObservableGauge(
        "actionstream.child.processes", () => Count, "{process}", "ffmpeg children alive.");

    public static void Started() => Interlocked.Increment(ref _count);

    public static void Exited() => Interlocked.Decrement(ref _count);

    /// <summary>Starts a child from the spawn thread: as the head of a process group of its own, under the parent-death signal,
    /// within its limits; each as far as the programs for it are installed.</summary>
    /// <param name="memory">Most bytes it may have for itself; no limit of ours where it is null.</param>
    /// <exception cref="SourceException">This machine has no more files, processes or memory for a child.</exception>
    /// <exception cref="Win32Exception">It could not be started for another reason.</exception>
    public static Process Start(ProcessStartInfo child, long? memory = null)
    {
        if (Before.Value is { Length: > 0 } programs)
        {
            string[] before =
            [
                .. programs, "-c", Become, Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
                memory is { } most ? (most / 1024).ToString(CultureInfo.InvariantCulture) : "unlimited", child.FileName,
            ];
            child.FileName = before[0];
            before = before[1..];
            if (child.ArgumentList.Count == 0)
            {
                child.Arguments = $"{FfmpegCommand.Quote(before)} {child.Arguments}";
            }
            else
            {
                for (var i = 0; i < before.Length; i++)
                {
                    child.ArgumentList.Insert(i, before[i]);
                }
            }
        }

        return OnSpawnThread(() => Spawn(child));
    }

    /// <summary>Asks a child, and whatever it has started, to leave. One that hangs ignores this.</summary>
    public static void Terminate(int child)
    {
        if (Kill(-child, SigTerm) != 0)
        {
            _ = Kill(child, SigTerm); // no group of its own, or not yet
        }
    }

    /// <summary>Ends a child that is still ours to reap, and whatever it has started.</summary>
    public static void Kill(Process child)
    {
        KillGroup(child.Id);
        child.Kill();
    }

    /// <summary>Ends what an ended child has left behind: it may hold our pipes open.</summary>
    public static void KillGroup(int child) => _ = Kill(-child, SigKill);

    private static string[] FindBefore() => File.Exists(Shell)
        ?
        [
            .. FfmpegTool.Executable("setsid") is { } setsid ? [setsid] : Array.Empty<string>(),
            .. FfmpegTool.Executable("setpriv") is { } setpriv ? [setpriv, "--pdeathsig", "KILL", "--"] : Array.Empty<string>(),
            Shell,
        ]
        : [];

    private static Process Spawn(ProcessStartInfo child)
    {
        if (OpenFiles.Left < Spare)
        {
            throw new SourceException(
                SourceFault.HostLimit,
                $"no child is started: fewer than {Spare} of {OpenFiles.Limit} open files are left, and those are kept for the rest");
        }

        try
        {
            return Process.Start(child)!;
        }
        catch (Win32Exception refused) when (IsHostLimit(refused.NativeErrorCode))
        {
            throw new SourceException(SourceFault.HostLimit, $"this machine has no room for a child: {refused.Message}", refused);
        }
    }

    // EAGAIN (processes), ENOMEM, ENFILE, EMFILE
    private static bool IsHostLimit(int error) => error is 11 or 12 or 23 or 24;

    private static T OnSpawnThread<T>(Func<T> spawn)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        SpawnThread.Value.Add(() =>
        {
            try
            {
                done.SetResult(spawn());
            }
            catch (Exception broken)
            {
                done.SetException(broken);
            }
        });
        return done.Task.GetAwaiter().GetResult();
    }

    private static BlockingCollection<Action> StartSpawnThread()
    {
        var spawns = new BlockingCollection<Action>(boundedCapacity: 64);
        new Thread(() =>
        {
            foreach (var spawn in spawns.GetConsumingEnumerable())
            {
                spawn();
            }
        })
        { IsBackground = true, Name = "child spawner" }.Start();
        return spawns;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
