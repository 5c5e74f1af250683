using System.Runtime.CompilerServices;
using ActionStream.Core.Media;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Sources;
using Microsoft.Extensions.Logging;

namespace ActionStream.Ingest.Decoding;

/// <summary>A live camera, packets first: one child copies its packets, another decodes those that may matter.</summary>
/// <param name="direct">The same camera by one child that does both: for codecs that cannot be handed on as packets.</param>
/// <param name="keep">Keeps the packets as they come; null where nobody wants them.</param>
internal sealed partial class PacketSource(
    PacketCamera camera, Func<IFrameSource> direct, IPacketKeeper? keep, ILogger<PacketSource> log) : IFrameSource
{
    /// <summary>Frames between reader and consumer: half a second of a model's usual rate, small enough to stay fresh.</summary>
    private const int Handover = 4;

    private readonly SourceAddress _address = FfmpegArguments.AddressOf(camera.Options);
    private readonly DecodingChoice _decoding = new(camera.Stream, camera.Options, camera.Environment, log);
    private volatile PacketConnection? _connection;
    private IFrameSource? _direct;

    /// <summary>True for a source that sends packets, live.</summary>
    public static bool Suits(SourceOptions options) =>
        SourceAddress.TryParse(options.Url, out var address)
        && address.Kind is SourceKind.Rtsp or SourceKind.Http or SourceKind.Rtmp or SourceKind.Srt;

    /// <inheritdoc />
    public bool HasPackets => _direct?.HasPackets ?? _connection is { Packets: > 0, HasBegun: false };

    /// <inheritdoc />
    public long Packets => _direct?.Packets ?? _connection?.Packets ?? 0;

    public async IAsyncEnumerable<Frame> ReadAsync(int epoch, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (_direct is null)
        {
            await foreach (var frame in ReadPacketsAsync(epoch, cancel))
            {
                yield return frame;
            }
        }

        if (_direct is not null)
        {
            await foreach (var frame in _direct.ReadAsync(epoch, cancel))
            {
                yield return frame;
            }
        }
    }

    private async IAsyncEnumerable<Frame> ReadPacketsAsync(int epoch, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (tool, hwaccel) = await Task.Run(_decoding.Choose, cancel); // looks on the disk, and may ask ffmpeg what it can do
        using var sink = keep?.Begin(epoch);
        await using var gate = HttpGate.For(_address, camera.Options, camera.Time);
        await using var reader = camera.Environment.Launcher.Start(
            tool, FfmpegArguments.BuildReader(camera.Options, camera.Picture.Interval, tool.Number) with { HttpProxy = gate?.Proxy },
            camera.Options.DecoderMemory);
        var frames = new FrameHandover(Handover, dropsOldest: false, camera.Counter.DroppedFull);
        await using var connection = new PacketConnection(camera, reader, tool, hwaccel, epoch, _decoding, sink, log);
        connection.Start(frames);
        _connection = connection;
        await using var kill = cancel.Register(connection.Stop);

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
            _connection = null;
            if (!wasReadToEnd)
            {
                connection.Stop();
            }

            frames.Complete();
            await connection.Done;
            frames.Clear();
            camera.Counter.StderrLines(reader.LineCount);
        }

        if (cancel.IsCancellationRequested)
        {
            throw FfmpegFaults.Refusal(camera.Name, [.. reader.Lines, .. connection.DecoderLines], received > 0)
                ?? (Exception)new OperationCanceledException(cancel);
        }

        connection.Unforeseen?.Throw();
        var told = connection.Fault ?? await ReadFaultAsync(reader, connection.Reading);
        if (told is not null && received == 0 && IsNotCarried(told.Lines))
        {
            LogDirect(camera.Stream);
            keep?.Refuse("ffmpeg cannot hand its packets on");
            _direct = direct();
            yield break;
        }

        throw gate?.Fault is { } shut ? new SourceException(shut.Fault, shut.Message, shut) { Lines = told?.Lines ?? [] }
            : told ?? new SourceException(SourceFault.Disconnected, $"{camera.Name} hung up") { Lines = reader.Lines };
    }

    private async Task<SourceException?> ReadFaultAsync(IFfmpegChild run, PacketReading reading)
    {
        if (reading.WasCutOff)
        {
            camera.Counter.DroppedCorrupt();
        }

        var end = await new ChildEnd(camera.Name, reading.Fault, reading.WasCutOff, reading.Packets > 0)
        {
            TimeStoodStill = reading.TimeStoodStill,
            Gives = "packets",
        }.ReadAsync(run, isLive: true, camera.Time);
        return reading.Changed is var (before, now)
            ? new(SourceFault.Broken, $"{camera.Name} went on with another stream: {Words(now)} after {Words(before)}")
            {
                Lines = run.Lines,
            }
            : end;
    }

    private static string Words(CodedStream stream) =>
        $"{stream.Codec} {stream.Size} with {stream.ExtraData.Length} bytes of parameters";

    // NUT has no letters for the codec, or the packets cannot be dated.
    private static bool IsNotCarried(IReadOnlyList<string> lines) => lines.Any(line =>
        line.Contains("No codec tag defined", StringComparison.Ordinal)
        || line.Contains("Could not find tag for codec", StringComparison.Ordinal)
        || line.Contains("pts", StringComparison.OrdinalIgnoreCase) && line.Contains("not supported", StringComparison.Ordinal));

    [LoggerMessage(
        LogLevel.Information, "{Stream}: its packets cannot be handed on, so one ffmpeg reads and decodes it, and it never sleeps")]
    private partial void LogDirect(string stream);
}
