using System.Diagnostics;

namespace ActionStream.EndToEnd.Support;

/// <summary>A folder for PATH in which `ffmpeg` is a script, as wrappers of packagers are: it does something of its own, then
/// becomes the real one.</summary>
internal sealed class FfmpegWrapper : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ffmpeg-wrapper-").FullName;

    /// <param name="act">Shell lines that a camera's child runs first; $DIR is the folder.</param>
    /// <param name="version">What it calls itself; the real one's version where it is null.</param>
    public FfmpegWrapper(string act, string? version = null)
    {
        var real = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => System.IO.Path.Combine(folder, "ffmpeg"))
            .First(File.Exists);
        var program = System.IO.Path.Combine(_folder, "ffmpeg");
        File.WriteAllText(program, string.Join(
            '\n', "#!/bin/sh", $"DIR='{_folder}'",
            version is null ? "" : $"case \" $* \" in *' -version '*) echo 'ffmpeg version {version} Copyright'; exit 0;; esac",
            $"case \" $* \" in *' -version '*|*' -hwaccels '*) exec '{real}' \"$@\";; esac",
            act, $"exec '{real}' \"$@\"", ""));
        Process.Start("chmod", ["+x", program]).WaitForExit();
    }

    public string Folder => _folder;

    /// <summary>For the environment of a service that is to find it first.</summary>
    public (string Name, string Value) Path => ("PATH", $"{_folder}:{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin");

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
