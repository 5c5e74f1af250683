using ActionStream.Core.Media;
using ActionStream.Ingest.Ffmpeg.Nut;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>
/// The thread "frame reader": reads one child, from its first byte to its last, and carries each frame as far as somebody
/// waits for it.
/// </summary>
/// <remarks>Synchronous, on a thread of its own: a read costs a quarter of what it costs asynchronously.</remarks>
internal sealed class FfmpegReader(
    IFfmpegChild run, FrameSize size, PixelPool pool, TimeProvider time, FrameHandover frames, DamageSpan damage, int epoch)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the child has closed its output; never fails.</summary>
    public Task Done => _done.Task;

    /// <summary>Why reading stopped before the end; read after <see cref="Done"/>.</summary>
    public Exception? Fault { get; private set; }

    public bool WasCutOff { get; private set; }

    /// <summary>It stopped because the frames' times no longer grew.</summary>
    public bool TimeStoodStill { get; private set; }

    public void Start() => new Thread(Read, maxStackSize: 256 * 1024) { IsBackground = true, Name = "frame reader" }.Start();

    private void Read()
    {
        var nut = new NutReader(run.Output, size, pool);
        var (format, standing) = (new FormatSpan(), new StandingTime(time));
        try
        {
            while (!TimeStoodStill && nut.Read(out var presentation) is { } pixels)
            {
                var arrived = time.GetTimestamp();
                TimeStoodStill = standing.Stands(presentation, arrived);
                var frame = new Frame(new FrameTime(epoch, presentation, arrived), size, pixels)
                {
                    IsDamaged = damage.Covers(presentation, run.Complaints),
                    BeginsFormat = format.Begins(presentation, run.FormatChangedAt),
                };
                if (!frames.Write(frame))
                {
                    break;
                }
            }
        }
        catch (Exception broken)
        {
            Fault = broken; // whatever it is: on a thread of its own it would end the process
        }
        finally
        {
            WasCutOff = nut.WasCutOff;
            frames.Complete();
            Drain();
            _done.SetResult();
        }
    }

    // Reading stopped before the end: the child must go, and cannot while it waits for someone to take its output.
    private void Drain()
    {
        try
        {
            for (Span<byte> rest = stackalloc byte[4096]; run.Output.Read(rest) > 0;)
            {
                run.Kill();
            }
        }
        catch (Exception)
        {
            // Gone: what we wanted. Or as broken as it was, and then it is ended with the connection.
        }
    }
}
