using System.Runtime.InteropServices;

namespace ActionStream.Inference.Serving;

/// <summary>Leaves without asking any library: with a thread stuck in a driver, their exit handlers would wait for it.</summary>
public static partial class ProcessExit
{
    public static int Now(int code)
    {
        Leave(code);
        return code;
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void Leave(int code);
}
