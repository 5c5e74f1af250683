using System.Runtime.InteropServices;

namespace ActionStream.Inference;

/// <summary>
/// Lets the threads "inference worker" stand behind those that read cameras and publish, where the model runs on a CPU:
/// they need a core for microseconds, and now.
/// </summary>
/// <remarks>.NET's own thread priorities do nothing on Linux; a thread may always make itself less urgent there.</remarks>
public static partial class WorkerPriority
{
    private const int Process = 0; // on Linux "process" means the thread
    private const int Nice = 5;

    /// <summary>Of the calling thread, for good. Where it cannot be done nothing is lost but a little latency.</summary>
    public static void StepBack()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetPriority(Process, 0, Nice);
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);
}
