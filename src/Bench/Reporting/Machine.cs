using System.Diagnostics;
using System.Runtime.InteropServices;
using ActionStream.Host.Configuration;
using ActionStream.Host.Output;
using ActionStream.Inference.Onnx;

namespace ActionStream.Bench.Reporting;

/// <summary>Where figures were measured: without this they mean nothing to anybody else.</summary>
/// <param name="Commit">The checkout that was built, with -dirty if it held changes; null in a published build.</param>
internal sealed record Machine(
    string Cpu, int Cores, double MemoryGib, string Os, string Dotnet, string OnnxRuntime, string Version, string? Commit)
{
    public static Machine Here() => new(
        Field("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString(),
        Environment.ProcessorCount,
        Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / Math.Pow(2, 30), 1),
        $"{Field("/etc/os-release", "PRETTY_NAME")?.Trim('"') ?? RuntimeInformation.OSDescription}, kernel {Environment.OSVersion.Version}",
        Environment.Version.ToString(),
        OnnxSessionFactory.RuntimeVersion,
        Product.Version,
        CommitOf(ModelFolder.Packaged("Streaming.sln", File.Exists)));

    /// <summary>The value of the first line `name : value` or `name=value`.</summary>
    private static string? Field(string file, string name) => !File.Exists(file) ? null : File.ReadLines(file)
        .FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split([':', '='], 2)[^1].Trim();

    private static string? CommitOf(string? solution)
    {
        if (solution is null)
        {
            return null;
        }

        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", ["describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"])
            {
                WorkingDirectory = Path.GetDirectoryName(solution),
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var errors = git.StandardError.ReadToEndAsync();
            var commit = git.StandardOutput.ReadToEnd().Trim();
            errors.Wait();
            git.WaitForExit();
            return commit.Length > 0 ? commit : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null; // no git here
        }
    }
}
