using System.Runtime.ExceptionServices;
using ActionStream.Ingest.Ffmpeg.Nut;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>Why a child ended: by what was read of it, its exit, and its last words.</summary>
/// <param name="Source">Whose child it was, without credentials.</param>
/// <param name="Fault">Why reading it stopped before the end.</param>
/// <param name="WasCutOff">Its output ended within something.</param>
/// <param name="GaveAny">Something whole came of it.</param>
internal sealed record ChildEnd(string Source, Exception? Fault, bool WasCutOff, bool GaveAny)
{
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(2);

    /// <summary>Reading stopped because times no longer grew.</summary>
    public bool TimeStoodStill { get; init; }

    /// <summary>What it should have given.</summary>
    public string Gives { get; init; } = "frames";

    /// <summary>Null if the end was no fault.</summary>
    /// <param name="isLive">A live source has no end.</param>
    public async Task<SourceException?> ReadAsync(IFfmpegChild run, bool isLive, TimeProvider time)
    {
        // It has closed its output and is about to exit; a signal now would change the exit code that tells why.
        await ((Task)run.Exited).WaitAsync(LeaveTime, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        run.Kill();
        var exitCode = await run.Exited;
        if (Fault is not (null or NutException or IOException or ObjectDisposedException))
        {
            ExceptionDispatchInfo.Throw(Fault); // nobody foresaw it
        }

        return TimeStoodStill ? new(SourceFault.Broken, $"{Source} goes on sending, but its times stand still") { Lines = run.Lines }
            : Fault is not null
                ? new(SourceFault.Broken, $"{Source} gave bytes that are no {Gives}: {Fault.Message}", Fault) { Lines = run.Lines }
                : FfmpegFaults.Read(Source, isLive, exitCode, WasCutOff, run.Lines, GaveAny);
    }
}
