using System.Diagnostics;
using System.Text.RegularExpressions;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>The ffmpeg that is installed here: where it is, and what its version calls things.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="Version">As it says itself, such as 5.1.9-0+deb12u1.</param>
public sealed partial record FfmpegTool(string Path, string Version)
{
    private static readonly Version Oldest = new(4, 4);

    /// <summary>The number that decides how options are called; a build without one, from git, counts as new.</summary>
    public Version Number => System.Version.TryParse(NumberOf().Match(Version).Groups[1].Value, out var number) ? number : new(7, 0);

    /// <summary>Asks the ffmpeg on PATH for its version.</summary>
    /// <exception cref="SourceException">There is none, or it does not run.</exception>
    public static FfmpegTool Find(string? path = null)
    {
        var program = Executable("ffmpeg", path) ?? throw Missing("was not found on PATH");
        var firstLine = Ask(program, ["-version"]).Split('\n')[0];
        var tool = new FfmpegTool(program, VersionOf().Match(firstLine).Groups[1].Value);
        return tool.Version.Length == 0 ? throw Missing($"at {program} does not say its version")
            : tool.Number < Oldest ? throw Missing($"at {program} is version {tool.Version}; expected 4.4 or newer")
            : tool;
    }

    /// <summary>The decoders' hardware that this ffmpeg was built for; whether it works here is another question.</summary>
    public IReadOnlySet<string> Hwaccels() => Ask(Path, ["-hide_banner", "-hwaccels"])
        .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Skip(1).ToHashSet(StringComparer.Ordinal);

    /// <summary>A program on PATH, or null.</summary>
    public static string? Executable(string name, string? path = null) =>
        (path ?? Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => System.IO.Path.Combine(folder, name)).FirstOrDefault(File.Exists);

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
                process.Kill();
                process.WaitForExit();
            }

            return output.GetAwaiter().GetResult() + errors.GetAwaiter().GetResult();
        }
        catch (System.ComponentModel.Win32Exception broken)
        {
            throw Missing($"at {program} does not run: {broken.Message}");
        }
    }

    private static SourceException Missing(string problem) =>
        new(SourceFault.NoFfmpeg, $"ffmpeg {problem}; install it (Debian, Ubuntu: apt install ffmpeg)");

    [GeneratedRegex(@"^ffmpeg version (\S+)")]
    private static partial Regex VersionOf();

    [GeneratedRegex(@"^n?(\d+\.\d+)")]
    private static partial Regex NumberOf();
}
