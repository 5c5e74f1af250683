using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>Two things about files that .NET has no words for.</summary>
internal static partial class NativeFiles
{
    private const int DuplicateCloseOnExec = 1030; // F_DUPFD_CLOEXEC: no other child may inherit it
    private const int OwnerOnly = 0x180; // rw-------

    public static void MakePipe(string path) => Expect(MakeFifo(path, OwnerOnly));

    /// <summary>A second handle to the same socket, which outlives the first.</summary>
    public static Socket Duplicate(SafeHandle handle) =>
        new(new SafeSocketHandle(Expect(Control((int)handle.DangerousGetHandle(), DuplicateCloseOnExec, 0)), ownsHandle: true));

    private static int Expect(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());

    [LibraryImport("libc", EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, int mode);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(int file, int command, int argument);
}
