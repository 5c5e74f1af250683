using System.Runtime.CompilerServices;
using ActionStream.Core.Media;
using ActionStream.Core.Retrying;
using ActionStream.Ingest.Sources;
using Microsoft.Extensions.Logging;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>What all sources of a process share.</summary>
/// <param name="Find">Finds ffmpeg; asked again after a failure, because someone may install it meanwhile.</param>
public sealed record FfmpegEnvironment(IFfmpegLauncher Launcher, Func<FfmpegTool> Find, PixelPool Pool, TimeProvider Time)
{
    private readonly Lock _lock = new();
    private FfmpegTool? _tool;
    private HwaccelProbe? _hwaccels;

    /// <exception cref="SourceException">ffmpeg is missing.</exception>
    public (FfmpegTool Tool, HwaccelProbe Hwaccels) Ffmpeg()
    {
        lock (_lock)
        {
            _tool ??= Find();
            return (_tool, _hwaccels ??= new(_tool));
        }
    }
}

/// <summary>What a source counts while it runs.</summary>
public interface IFrameCounter
{
    /// <summary>A frame was shed because the consumer was slower.</summary>
    void DroppedFull();

    /// <summary>A frame arrived incomplete.</summary>
    void DroppedCorrupt();

    void StderrLines(long count);

    /// <summary>A decoder ended though its camera did not, and another one took over.</summary>
    void DecoderReplaced(SourceFault fault)
    {
    }

    /// <summary>Packets were not decoded because the decoder was slower than the camera.</summary>
    void DecoderLeftOut(long packets)
    {
    }
}

/// <summary>One ffmpeg child per connection: it decodes, thins and scales, and its frames come in pooled memory.</summary>
/// <param name="isRecording">What it shows will not change, whatever its address: no frame is shed, and its end is no fault.</param>
/// <param name="video">Which of the source's videos, cover pictures not counted.</param>
public sealed class FfmpegSource(
    string stream, SourceOptions options, FrameSpec frameSpec, FfmpegEnvironment environment,
    IFrameCounter counter, ILogger<FfmpegSource> log, bool isRecording = false, int video = 0) : IFrameSource
{
    /// <summary>Frames between reader and consumer: half a second of a model's usual rate, small enough to stay fresh.</summary>
    private const int Handover = 4;

    private readonly SourceAddress? _address = SourceAddress.TryParse(options.Url, out var address) ? address : null;
    private readonly DecodingChoice _decoding = new(stream, options, environment, log);
    private volatile IFfmpegChild? _opening;

    /// <inheritdoc />
    public bool HasPackets => _opening is { Packets: > 0 };

    /// <summary>The same, where a still may stand before the film.</summary>
    public static IFrameSource Film(SourceOptions options, Func<int, FfmpegSource> open) =>
        SourceAddress.TryParse(options.Url, out var address) && !address.IsLive && !options.Loop ? new FilmSource(open) : open(0);

    public async IAsyncEnumerable<Frame> ReadAsync(int epoch, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (tool, hwaccel) = await Task.Run(_decoding.Choose, cancel); // looks on the disk, and may ask ffmpeg what it can do
        await using var gate = HttpGate.For(_address, options, environment.Time);
        await using var run = environment.Launcher.Start(tool, FfmpegArguments.Build(
            options, frameSpec, tool.Number, hwaccel, isRecording, video) with
        { HttpProxy = gate?.Proxy },
            _decoding.MemoryOf(hwaccel));
        _opening = run;
        var frames = new FrameHandover(Handover, options.IsPaced && !options.IsSegmented && !isRecording, counter.DroppedFull);
        var reading = new FfmpegReader(
            run, frameSpec.Size, environment.Pool, environment.Time, frames, new(options.Quality.DamagedFor), epoch);
        await using var kill = cancel.Register(() =>
        {
            frames.Complete();
            run.Kill();
        });
        reading.Start();

        var received = 0L;
        var wasReadToEnd = false;
        try
        {
            // Without a token the channel's wait allocates nothing; cancelling completes the channel instead.
            await foreach (var frame in frames.Reader.ReadAllAsync(CancellationToken.None))
            {
                received++;
                yield return frame;
            }

            wasReadToEnd = !cancel.IsCancellationRequested;
        }
        finally
        {
            _opening = null;
            frames.Complete();
            if (!wasReadToEnd)
            {
                run.Kill();
            }

            await reading.Done;
            frames.Clear();
            counter.StderrLines(run.LineCount);
        }

        if (cancel.IsCancellationRequested)
        {
            throw FfmpegFaults.Refusal(_address?.Safe ?? "", run.Lines, received > 0) ?? (Exception)new OperationCanceledException(cancel);
        }

        if (await ReadFaultAsync(run, reading, received > 0) is { } told)
        {
            var fault = gate?.Fault is { } shut ? new SourceException(shut.Fault, shut.Message, shut) { Lines = told.Lines } : told;
            _decoding.GiveUp(hwaccel, received > 0, fault);
            throw fault;
        }
    }

    private Task<SourceException?> ReadFaultAsync(IFfmpegChild run, FfmpegReader reading, bool gaveFrames)
    {
        if (reading.WasCutOff)
        {
            counter.DroppedCorrupt();
        }

        return new ChildEnd(_address?.Safe ?? "", reading.Fault, reading.WasCutOff, gaveFrames) { TimeStoodStill = reading.TimeStoodStill }
            .ReadAsync(run, !isRecording && (_address?.IsLive ?? true), environment.Time);
    }
}
