using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>Starts children that cannot outlive us, on the one thread "child spawner", and knows how many there are.</summary>
/// <remarks>
/// The kernel ends a child when its parent dies, if the child asked for that signal (prctl PR_SET_PDEATHSIG, which
/// `setpriv --pdeathsig` does for it). Two traps. It means the THREAD that forked, not the process: started from a pool
/// thread, a camera would be killed whenever the pool shrinks; hence one spawn thread, which lives as long as the process.
/// And a parent that dies between the fork and the asking sends nothing: hence the shell that looks who its parent is
/// before it becomes the program.
/// </remarks>
public static partial class ChildProcesses
{
    private const int SigTerm = 15;

    private static readonly Lazy<BlockingCollection<Action>> SpawnThread = new(StartSpawnThread);
    private static readonly Lazy<string?> SetPriv = new(() => FfmpegTool.Executable("setpriv"));
    private static int _count;

    /// <summary>Long-running children alive.</summary>
    public static int Count => Volatile.Read(ref _count);

    public static void Observe(Meter meter) => meter.CreateObservableGauge(
        "actionstream.child.processes", () => Count, "{process}", "ffmpeg children alive.");

    public static void Started() => Interlocked.Increment(ref _count);

    public static void Exited() => Interlocked.Decrement(ref _count);

    /// <summary>Starts a child from the spawn thread, under the parent-death signal where setpriv is installed.</summary>
    public static Process Start(ProcessStartInfo child)
    {
        if (SetPriv.Value is { } setpriv)
        {
            string[] before =
            [
                "--pdeathsig", "KILL", "--", "/bin/sh", "-c", """[ "$PPID" = "$0" ] && exec "$@" """,
                Environment.ProcessId.ToString(CultureInfo.InvariantCulture), child.FileName,
            ];
            child.FileName = setpriv;
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

        return OnSpawnThread(() => Process.Start(child)!);
    }

    /// <summary>Asks a child to leave. One that hangs ignores this.</summary>
    public static void Terminate(int pid) => _ = Kill(pid, SigTerm);

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
