using ActionStream.Core.Limits;
using ActionStream.Host.Configuration;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Sources;

namespace ActionStream.Host.Machine;

/// <summary>Whether a configuration can run on this machine, asked before anything is started: what is missing here would
/// otherwise show as cameras that are offline for good.</summary>
/// <param name="Notes">What works, and is worth knowing.</param>
internal sealed record MachineCheck(IReadOnlyList<MachineProblem> Problems, IReadOnlyList<string> Notes)
{
    /// <param name="usesFfmpeg">False where frames come from somewhere else.</param>
    public static MachineCheck Of(PipelineOptions options, bool usesFfmpeg = true)
    {
        List<MachineProblem> problems = [];
        List<string> notes = [];
        if (usesFfmpeg && options.Cameras.Values.Any(camera => camera.Enabled))
        {
            try
            {
                notes.AddRange(FfmpegTool.Find().Note is { } note ? [note] : []);
            }
            catch (SourceException missing)
            {
                problems.Add(new("ffmpeg", missing.Message));
            }
        }

        if (TooFewFiles(options, OpenFiles.Limit) is { } tooFew)
        {
            problems.Add(new("open_files", tooFew));
        }

        return new(problems, notes);
    }

    /// <returns>Why a limit is too low; null if it is not.</returns>
    public static string? TooFewFiles(PipelineOptions options, long limit)
    {
        var need = FileNeed.Of(options);
        return need.All <= limit
            ? null
            : $"this process may open {limit} files, and {need.All} are needed: {need}. Raise the hard limit: ulimit -Hn {need.Generous}, "
              + $"LimitNOFILE={need.Generous} in a unit of systemd, --ulimit nofile={need.Generous} for a container; or use fewer cameras";
    }
}
