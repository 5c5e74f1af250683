namespace ActionStream.Ingest.Ffmpeg;

/// <summary>A script called "ffmpeg", which is all that FFMpegCore lets us say about what it starts.</summary>
/// <remarks>
/// It puts the real ffmpeg on the leash (<see cref="ChildProcesses"/>) and sends standard error into a named pipe of
/// ours: FFMpegCore would keep every line for as long as the camera runs. Its first two words are that pipe and the
/// program; asked for its version, which FFMpegCore does once, it answers directly. Written once, not per run: a script
/// that some other child still holds open for writing cannot be started.
/// </remarks>
internal static class FfmpegScript
{
    private static readonly Lazy<string> Written = new(Write);

    public static string Folder => Written.Value;

    private static string Write()
    {
        var folder = Directory.CreateTempSubdirectory("actionstream-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        var path = Path.Combine(folder, "ffmpeg");
        File.WriteAllText(path, $"""
            #!/bin/sh
            [ "$1" = -version ] && exit 0
            exec 2>"$1"
            program=$2
            shift 2
            exec {string.Join(' ', ChildProcesses.Leash)} "$program" "$@"

            """);
        if (!OperatingSystem.IsWindows()) // there is no other way to say Linux to the analyzer
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        return folder;
    }
}
