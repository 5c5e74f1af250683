using System.ComponentModel;
using System.Diagnostics;
using ActionStream.Host;

namespace ActionStream.Bench.Gpu;

/// <summary>What the driver says the GPU is: its figures mean nothing without.</summary>
internal static class GpuDevice
{
    private const string Asked = "name,driver_version,memory.total,power.limit,clocks.max.sm,clocks.sm";

    /// <summary>Name, driver, memory, power limit, clocks; null where nvidia-smi is not there.</summary>
    public static string? Describe()
    {
        try
        {
            using var smi = Process.Start(new ProcessStartInfo("nvidia-smi", [$"--query-gpu={Asked}", "--format=csv,noheader"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var errors = smi.StandardError.ReadToEndAsync();
            var first = smi.StandardOutput.ReadLine()?.Trim();
            smi.StandardOutput.ReadToEnd();
            errors.Wait();
            smi.WaitForExit();
            return smi.ExitCode == 0 && first is { Length: > 0 } ? first : null;
        }
        catch (Win32Exception)
        {
            return null; // no driver here
        }
    }
}
