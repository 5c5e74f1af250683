using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>Starts children that cannot outlive us, and knows how many there are.</summary>
/// <remarks>
/// `setpriv --pdeathsig KILL` ends a child when its parent dies. The kernel means the THREAD that forked, not the
/// process: started from a pool thread, a camera would be killed whenever the pool shrinks. Hence one thread that
/// starts all children and lives as long as the process.
/// </remarks>
public static partial class ChildProcesses
{
    private const int SigTerm = 15;

    private static readonly Lazy<BlockingCollection<Action>> Births = new(StartSpawner);
    private static readonly Lazy<string?> SetPriv = new(() => FfmpegTool.Executable("setpriv"));
    private static int _count;

    /// <summary>Long-running children alive.</summary>
    public static int Count => Volatile.Read(ref _count);

    public static void Observe(Meter meter) => meter.CreateObservableGauge(
        "actionstream.child.processes", () => Count, "{process}", "ffmpeg children alive.");

    public static void Born() => Interlocked.Increment(ref _count);

    public static void Reaped() => Interlocked.Decrement(ref _count);

    /// <summary>The words that go before a program so that it dies with us; none where the tool is missing.</summary>
    public static IReadOnlyList<string> Leash => SetPriv.Value is { } tool ? [tool, "--pdeathsig", "KILL", "--"] : [];

    /// <summary>Starts a child from the spawner thread, on the leash.</summary>
    public static Process Start(ProcessStartInfo child) => OnSpawner(() =>
    {
        string[] words = [.. Leash, child.FileName, .. child.ArgumentList];
        child.FileName = words[0];
        child.ArgumentList.Clear();
        foreach (var word in words.Skip(1))
        {
            child.ArgumentList.Add(word);
        }

        return Process.Start(child)!;
    });

    /// <summary>Runs something that forks on the thread that outlives all others.</summary>
    public static T OnSpawner<T>(Func<T> birth)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Births.Value.Add(() =>
        {
            try
            {
                done.SetResult(birth());
            }
            catch (Exception broken)
            {
                done.SetException(broken);
            }
        });
        return done.Task.GetAwaiter().GetResult();
    }

    /// <summary>Asks a child to leave. One that hangs ignores this.</summary>
    public static void Terminate(int pid) => _ = Kill(pid, SigTerm);

    private static BlockingCollection<Action> StartSpawner()
    {
        var births = new BlockingCollection<Action>(boundedCapacity: 64);
        new Thread(() =>
        {
            foreach (var birth in births.GetConsumingEnumerable())
            {
                birth();
            }
        })
        { IsBackground = true, Name = "child spawner" }.Start();
        return births;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
