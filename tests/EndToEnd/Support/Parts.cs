using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace ActionStream.EndToEnd.Support;

/// <summary>Where the real parts are.</summary>
internal static class Parts
{
    /// <summary>The repository's root.</summary>
    public static string Root { get; } = FindRoot();

    public static string Shared { get; } = Path.GetFullPath(Path.Combine(Root, "..", "shared"));

    /// <summary>What the repository itself holds of the reference numbers: small ones of ours, and lists of names and costs.</summary>
    public static string Reference { get; } = Path.Combine(Root, "tests", "EndToEnd", "Reference");

    public static string RtspServer { get; } = Path.Combine(Root, "tests", "EndToEnd", "Support", "rtsp_server.py");

    public static bool IsThere(string need) => need switch
    {
        "shared" => Directory.Exists(Shared),
        "rtsp" => OnPath("/usr/bin/python3") && Directory.EnumerateFiles(
            "/usr/lib", "GstRtspServer-1.0.typelib",
            new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }).Any(),
        "torch" => Directory.Exists("/usr/lib/python3/dist-packages/torch"),
        "root" => Environment.IsPrivilegedProcess,
        "namespaces" => CanMount.Value,
        _ => OnPath(need),
    };

    // Root within a container may often not.
    private static readonly Lazy<bool> CanMount = new(() =>
    {
        if (!OnPath("unshare"))
        {
            return false;
        }

        string[] mount = ["--mount", "--pid", "--fork", "mount", "-t", "tmpfs", "tmpfs", "/mnt"];
        using var attempt = Process.Start(new ProcessStartInfo("unshare", mount) { RedirectStandardError = true })!;
        attempt.WaitForExit();
        return attempt.ExitCode == 0;
    });

    private static bool OnPath(string program) => Path.IsPathRooted(program)
        ? File.Exists(program)
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Any(folder =>
            File.Exists(Path.Combine(folder, program)));

    private static string FindRoot([CallerFilePath] string here = "")
    {
        for (var folder = Path.GetDirectoryName(here); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Streaming.sln")))
            {
                return folder;
            }
        }

        throw new InvalidOperationException($"no Streaming.sln above {here}");
    }
}
