using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ActionStream.Inference.Onnx;

/// <summary>Switches ONNX Runtime's telemetry off: since 1.29 it reports models, devices and errors
/// to its maker unless told not to.</summary>
internal static partial class Telemetry
{
    private const string Switch = "ORT_DISABLE_TELEMETRY";

    /// <summary>Before anything here can start the runtime, since it reads the switch once. Its own call would come too late.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "No caller of this part may forget it.")]
    internal static void SwitchOff()
    {
        Environment.SetEnvironmentVariable(Switch, "1"); // for children
        if (OperatingSystem.IsLinux())
        {
            _ = SetVariable(Switch, "1", 1); // for native code: .NET's environment is a copy
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrites);
}
