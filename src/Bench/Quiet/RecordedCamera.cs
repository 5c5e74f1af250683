using ActionStream.Bench.Reporting;
using ActionStream.Core.Media;
using ActionStream.Host.Configuration;
using ActionStream.Ingest;
using ActionStream.Ingest.Decoding;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Packets.Gating;
using ActionStream.Ingest.Sources;
using ActionStream.Ingest.Windowing;
using Microsoft.Extensions.Logging;

namespace ActionStream.Bench.Quiet;

/// <summary>The service's own camera before a recording: a reader child that copies its packets, the ring, the gate, and a decoder child
/// that is kept and fed; as fast as the frames follow.</summary>
internal sealed class RecordedCamera(FfmpegTool ffmpeg, FrameSpec picture, WindowSpec window, PixelPool pool, ILoggerFactory log)
{
    /// <summary>Nothing is judged by how fast this machine is.</summary>
    private static readonly TimeSpan NoHurry = TimeSpan.FromMinutes(10);

    private readonly FfmpegEnvironment _environment = new(new FfmpegLauncher(TimeProvider.System), () => ffmpeg, pool, TimeProvider.System);

    /// <param name="order">Of the recording's frames.</param>
    /// <param name="decider">Gets every frame that comes out.</param>
    /// <returns>When it was awake.</returns>
    public async Task<SleepTrack> RunAsync(string file, FrameOrder order, Decider decider, CancellationToken cancel)
    {
        var options = new CameraOptions { Url = file, Realtime = false, Hwaccel = Hwaccel.None, StallTimeout = NoHurry };
        var (track, losses) = (new SleepTrack(), new Losses());
        LockStep? step = null;
        var camera = IngestStage.Camera(
            Decider.Stream, options, window, picture, _environment, losses, () => WakeReasons.None, decider.Status,
            options.Events.Always.LongestMinDuration);
        var source = new PacketSource(
            camera with { GateFor = (coded, pictures) => step = new(camera.GateFor(coded, pictures), order, coded.DecodeDelay, track) },
            () => throw new BenchException($"the packets of {file} cannot be handed on"), keep: null, log.CreateLogger<PacketSource>());
        try
        {
            await foreach (var frame in source.ReadAsync(epoch: 0, cancel))
            {
                Take(frame, decider, step!);
            }
        }
        catch (SourceException end) when (end.Fault == SourceFault.Disconnected && track.Packets == order.Count)
        {
            // A live camera's stream has no end, and this one was read to its own.
        }

        return losses.Count == 0 && track.Packets == order.Count
            ? track
            : throw new BenchException(
                $"{losses.Count} losses and {track.Packets} of {order.Count} packets of {file}; expected none and all");
    }

    private static void Take(Frame frame, Decider decider, LockStep step)
    {
        try
        {
            decider.Take(frame.ArrivingAt(frame.Time.Presentation.Ticks));
            step.Decided(decider.HasOpenEvent);
        }
        catch
        {
            step.Stop(); // or its packets would be waited for
            throw;
        }
    }

    /// <summary>What a camera may lose, and a recording may not.</summary>
    private sealed class Losses : IFrameCounter
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public void DroppedFull() => Interlocked.Increment(ref _count);

        public void DroppedCorrupt() => Interlocked.Increment(ref _count);

        public void DecoderReplaced(SourceFault fault) => Interlocked.Increment(ref _count);

        public void DecoderLeftOut(long packets) => Interlocked.Increment(ref _count);

        public void StderrLines(long count)
        {
            // Of no matter: what it complains about shows in the frames.
        }
    }
}
