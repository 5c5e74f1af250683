using ActionStream.Core.Configuration;
using ActionStream.Ingest.Decoding;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Sources;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.Ingest.Probing;

/// <summary>Looks at a camera for some seconds: what it says of itself, how soon a frame comes, what comes after that. Three
/// connections, one after the other.</summary>
/// <param name="watch">How long to look at what it sends.</param>
public sealed class SourceProbe(FfmpegEnvironment environment, TimeSpan watch)
{
    /// <exception cref="SourceException">It cannot be opened, with the reason.</exception>
    public async Task<ProbeReport> LookAsync(SourceOptions source, FrameSpec frameSpec, CancellationToken cancel)
    {
        var address = FfmpegArguments.AddressOf(source);

        // Watched as it comes: a file's own pace says nothing, and a test source has none.
        source = source with { Hwaccel = Hwaccel.None, Realtime = address.IsLive };
        var (facts, transport) = await FactsAsync(address, source, cancel);
        source = source with { Transport = transport };
        var firstFrame = await FirstFrameAsync(source, frameSpec, cancel);
        var (packets, sleep) = await PacketsAsync(address, source, frameSpec, cancel);
        var hwaccel = await Task.Run(() => environment.Ffmpeg().Hwaccels.Choose(Hwaccel.Auto).Name, cancel);
        return new(address.Safe, address.IsLive, address.Kind == SourceKind.Rtsp ? transport : null, facts, packets, firstFrame, hwaccel)
        {
            Sleep = sleep,
        };
    }

    /// <summary>What decoding it costs here: one more connection, decoded as the service would.</summary>
    /// <exception cref="SourceException">It cannot be opened, with the reason.</exception>
    public async Task<DecodeCost> CostAsync(SourceOptions source, FrameSpec frameSpec, CancellationToken cancel) => new(
        await DecodeTime.OfAsync(source, frameSpec, watch, environment, cancel) / watch.TotalSeconds, CostBasis.Measured);

    // A camera that refuses to speak RTSP over TCP says so in words that differ from maker to maker.
    private async Task<(SourceFacts Facts, RtspTransport Transport)> FactsAsync(
        SourceAddress address, SourceOptions source, CancellationToken cancel)
    {
        try
        {
            return (await FactsOnceAsync(address, source, cancel), source.Transport);
        }
        catch (SourceException broken)
            when (address.Kind == SourceKind.Rtsp && source.Transport == RtspTransport.Tcp && broken.Fault == SourceFault.Broken)
        {
            var other = source with { Transport = RtspTransport.Udp };
            try
            {
                return (await FactsOnceAsync(address, other, cancel), other.Transport);
            }
            catch (SourceException)
            {
                throw broken; // the first answer is the one to act on
            }
        }
    }

    private async Task<SourceFacts> FactsOnceAsync(SourceAddress address, SourceOptions source, CancellationToken cancel)
    {
        var tool = environment.Ffmpeg().Tool; // first: where both are missing, this is the one to install
        var ffprobe = FfmpegTool.Executable("ffprobe")
            ?? throw new SourceException(SourceFault.NoFfmpeg, "ffprobe was not found on PATH; it comes with ffmpeg");
        var child = new ProbeChild(address, source, environment.Time, source.ConnectTimeout);
        var json = new List<string>();
        await child.RunAsync(ffprobe, FfmpegArguments.Facts(source, tool.Number), json.Add, cancel);
        return SourceFacts.Read(string.Concat(json))
            ?? throw new SourceException(SourceFault.NoVideo, $"{address.Safe} has no video stream");
    }

    private async Task<TimeSpan> FirstFrameAsync(SourceOptions source, FrameSpec frameSpec, CancellationToken cancel)
    {
        var ffmpeg = FfmpegSource.Film(source, video => new(
            "probe", source, frameSpec, environment, new Uncounted(), NullLogger<FfmpegSource>.Instance, video: video));
        var began = environment.Time.GetTimestamp();
        await foreach (var frame in StallGuard.For(ffmpeg, source, frameSpec.Interval, environment.Time).ReadAsync(0, cancel))
        {
            frame.Dispose();
            return environment.Time.GetElapsedTime(began);
        }

        throw new SourceException(SourceFault.NoVideo, $"{SafeUri.Of(source.Url)} ended without a frame");
    }

    // As the service reads it, where that is packets first: then it is also known how it would sleep.
    private async Task<(PacketLog Packets, SleepFacts? Sleep)> PacketsAsync(
        SourceAddress address, SourceOptions source, FrameSpec frameSpec, CancellationToken cancel)
    {
        if (PacketSource.Suits(source) && !source.IsSegmented)
        {
            var look = new PacketWatch(source, frameSpec, environment);
            await look.LookAsync(watch, cancel);
            if (look.Packets.Packets.Count > 0)
            {
                return (look.Packets, look.Sleep);
            }
        }

        return (await PacketLinesAsync(address, source, cancel), null);
    }

    private async Task<PacketLog> PacketLinesAsync(SourceAddress address, SourceOptions source, CancellationToken cancel)
    {
        var tool = environment.Ffmpeg().Tool;
        var child = new ProbeChild(address, source, environment.Time, source.ConnectTimeout + watch);
        var packets = new PacketLog { MayLackTimes = FrameTimes.MayBeInvented(source) };
        var began = environment.Time.GetTimestamp();
        await child.RunAsync(
            tool.Path, FfmpegArguments.Packets(source, tool.Number, watch),
            line => packets.Add(line, environment.Time.GetElapsedTime(began)), cancel);
        return packets;
    }
}
