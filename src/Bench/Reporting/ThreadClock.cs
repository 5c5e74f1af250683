using System.Runtime.InteropServices;

namespace ActionStream.Bench.Reporting;

/// <summary>Processor time of the thread that asks: what others do on the machine is no part of it, so that differences of a
/// hundredth can be seen on one that is busy.</summary>
internal static partial class ThreadClock
{
    private const int ThreadCpuTime = 3; // CLOCK_THREAD_CPUTIME_ID on Linux

    public static TimeSpan Now =>
        GetTime(ThreadCpuTime, out var time) == 0
            ? TimeSpan.FromMicroseconds((time.Seconds * 1e6) + (time.Nanoseconds / 1e3))
            : throw new BenchException("this system does not tell a thread's processor time");

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Timespec
    {
        public readonly nint Seconds;
        public readonly nint Nanoseconds;
    }
}
