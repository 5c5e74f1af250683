using System.Diagnostics;
using System.Text.RegularExpressions;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>The ffmpeg that is installed here: where it is, and what its version calls things.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="Version">As it says itself, such as 5.1.9-0+deb12u1.</param>
public sealed partial record FfmpegTool(string Path, string Version)
{
    /// <summary>Ubuntu 22.04's: options that were renamed since are also known by their former names.</summary>
    private static readonly Version Oldest = new(4, 4);

    private static readonly Version Assumed = new(7, 0);

    /// <summary>The number that decides how options are called; a build without one, from git, counts as new.</summary>
    public Version Number => Numbered ?? Assumed;

    /// <summary>What somebody should know who reads its version; null if nothing.</summary>
    public string? Note => Numbered is null
        ? $"ffmpeg at {Path} calls itself {Version}, which is no release; its options are taken to be those of {Assumed} and later"
        : null;

    private Version? Numbered => System.Version.TryParse(NumberOf().Match(Version).Groups[1].Value, out var number) ? number : null;

    /// <summary>Asks the ffmpeg on PATH for its version.</summary>
    /// <exception cref="SourceException">There is none, it does not run, or it is too old.</exception>
    public static FfmpegTool Find(string? path = null)
    {
        var program = Executable("ffmpeg", path) ?? throw Missing($"ffmpeg was not found on PATH ({path ?? SearchPath})");
        var said = Ask(program, ["-version"]).Split('\n')[0].Trim();
        var tool = new FfmpegTool(program, VersionOf().Match(said).Groups[1].Value);
        return tool.Version.Length == 0 ? throw Missing($"{program} does not say which version of ffmpeg it is ({Quote(said)})")
            : tool.Number < Oldest ? throw Missing($"{program} is ffmpeg {tool.Version}")
            : tool;
    }

    /// <summary>The decoders' hardware that this ffmpeg was built for; whether it works here is another question.</summary>
    public IReadOnlySet<string> Hwaccels() => Ask(Path, ["-hide_banner", "-hwaccels"])
        .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Skip(1).ToHashSet(StringComparer.Ordinal);

    /// <summary>A program on PATH, or null.</summary>
    public static string? Executable(string name, string? path = null) =>
        (path ?? SearchPath).Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => System.IO.Path.Combine(folder, name)).FirstOrDefault(MayRun);

    /// <summary>Runs it to its end, within seconds, and returns all it wrote.</summary>
    internal static string Ask(string program, IReadOnlyList<string> arguments)
    {
        try
        {
            using var process = ChildProcesses.Start(new ProcessStartInfo(program, ["-nostdin", .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                RedirectStandardInput = true,
            });
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(TimeSpan.FromSeconds(10)))
            {
                ChildProcesses.Kill(process);
                process.WaitForExit();
            }

            return output.GetAwaiter().GetResult() + errors.GetAwaiter().GetResult();
        }
        catch (System.ComponentModel.Win32Exception broken)
        {
            throw Missing($"{program} does not run: {broken.Message}");
        }
    }

    private static string SearchPath => Environment.GetEnvironmentVariable("PATH") ?? "";

    private static bool MayRun(string file) => File.Exists(file) && (OperatingSystem.IsWindows()
        || (File.GetUnixFileMode(file) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);

    private static string Quote(string said) => said.Length == 0 ? "it says nothing" : $"it says: {said[..Math.Min(said.Length, 80)]}";

    private static SourceException Missing(string problem) => new(
        SourceFault.NoFfmpeg,
        $"{problem}; expected ffmpeg {Oldest} or newer. Install it: apt install ffmpeg (Debian, Ubuntu), "
        + "dnf install ffmpeg (Fedora), apk add ffmpeg (Alpine)");

    [GeneratedRegex(@"^ffmpeg version (\S+)")]
    private static partial Regex VersionOf();

    [GeneratedRegex(@"^[nv]?(\d+\.\d+)")]
    private static partial Regex NumberOf();
}
