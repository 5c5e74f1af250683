using ActionStream.Core.Media;
using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Quality;
using ActionStream.Ingest.Sources;
using ActionStream.Ingest.Windowing;

namespace ActionStream.Ingest;

/// <summary>From frames to the windows worth deciding on, counted and reported: what a camera in a pipeline and a
/// recording on its own have in common.</summary>
public sealed class CameraWindows(
    Func<ClipAssembler> assemble, QualityRules quality, CameraMeter meter, StatusTracker status, TimeProvider time) : IDisposable
{
    private ClipAssembler _assembler = assemble();
    private readonly List<Clip> _made = [];

    /// <summary>Who wants to know that a camera which sleeps is there; null where nobody does.</summary>
    public IProgress<Heartbeat>? Heartbeats { get; init; }

    /// <summary>The camera's state, for whoever connects it.</summary>
    public StatusTracker Status => status;

    /// <param name="report">Gets the camera's state, on the frame reader's thread or whichever takes frames.</param>
    public static CameraWindows Create(
        string stream, SourceOptions options, WindowSpec window, FrameSpec frameSpec, CameraMeter meter, IProgress<StreamStatus> report,
        TimeProvider time, IProgress<Heartbeat>? heartbeats = null) => new(
        () => new ClipAssembler(
            stream, window with { MaxGap = options.GapFor(window.Interval) }, frameSpec.Size, time,
            new FrameInspector(frameSpec.Size, options.Quality.FrozenAfter, window.Interval)),
        new(options.Quality), meter, new(stream, window.Interval, report, meter, time), time)
        { Heartbeats = heartbeats };

    /// <summary>Takes a frame over and adds the windows that it completes, those that nobody should
    /// decide on left out and counted. Heartbeats are looked at, and in none.</summary>
    public void Take(Frame frame, ICollection<Clip> good)
    {
        using (frame)
        {
            var assembly = _assembler.Add(frame, _made);
            meter.Received(time.GetElapsedTime(frame.Time.ArrivedAt) + assembly.Delay);
            meter.ClockSkew = _assembler.ClockSkew;
            if (assembly.LostWindow)
            {
                meter.Skipped(DropReason.Gap);
            }

            switch (assembly.Verdict)
            {
                case GridVerdict.Duplicate:
                    meter.Dropped(DropReason.Duplicate);
                    break;
                case GridVerdict.Heartbeat:
                    meter.Flawed(assembly.Marks);
                    status.Heartbeat(assembly.Marks & quality.Watched, _assembler.IsClockRunningAway);
                    Heartbeats?.Report(new(status.Stream, frame.Time));
                    break;
                default:
                    meter.Flawed(assembly.Marks);
                    status.Sampled(assembly.Marks & quality.Watched, _assembler.IsClockRunningAway, frame.Time.ArrivedAt);
                    break;
            }
        }

        Sort(good);
    }

    /// <summary>Holds the last frame until a window is full, however little that can then be trusted:
    /// for recordings in which none was.</summary>
    public void Pad(ICollection<Clip> all)
    {
        _assembler.Pad(_made);
        foreach (var clip in _made)
        {
            meter.Created(clip.Quality.Score);
            all.Add(clip);
        }

        _made.Clear();
    }

    /// <summary>Disposes and counts windows that nobody can take any more, because the camera is told to leave.</summary>
    public void GiveUp(ICollection<Clip> left)
    {
        foreach (var clip in left)
        {
            meter.Skipped(DropReason.Stopped);
            clip.Dispose();
        }

        left.Clear();
    }

    /// <summary>After an error in the middle of its work: what was kept may be half of something.</summary>
    public void StartOver()
    {
        _made.ForEach(clip => clip.Dispose());
        _made.Clear();
        _assembler.Dispose();
        _assembler = assemble();
    }

    public void Dispose()
    {
        _made.ForEach(clip => clip.Dispose());
        _assembler.Dispose();
    }

    private void Sort(ICollection<Clip> good)
    {
        foreach (var clip in _made)
        {
            meter.Created(clip.Quality.Score);
            if (quality.Skip(clip.Quality) is { } reason)
            {
                meter.Skipped(reason);
                clip.Dispose();
            }
            else
            {
                good.Add(clip);
            }
        }

        _made.Clear();
    }
}
