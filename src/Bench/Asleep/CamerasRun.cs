using System.Diagnostics.Metrics;
using ActionStream.Bench.Cameras;
using ActionStream.Bench.Pipelines;
using ActionStream.Bench.Reporting;
using ActionStream.Core.Media;
using ActionStream.Host;
using ActionStream.Host.Configuration;
using ActionStream.Host.Web;
using ActionStream.Inference.Configuration;
using ActionStream.Ingest;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Sources;
using ActionStream.Publish.Mqtt.Client;
using Microsoft.Extensions.Logging;

namespace ActionStream.Bench.Asleep;

/// <summary>The whole service before simulated RTSP cameras, in one of three ways.</summary>
internal sealed class CamerasRun(BenchModel model, FfmpegTool ffmpeg, ILoggerFactory log)
{
    /// <summary>Sampled frames from one decision to the next: four decisions a second.</summary>
    private const int Hop = 2;

    /// <summary>In the command line of a child that decodes, and of no other.</summary>
    private const string Decoder = "rawvideo";

    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <param name="files">What the cameras play, in turn.</param>
    /// <param name="patience">How long to wait for all of them to sleep, where they may.</param>
    public async Task<CamerasUse> RunAsync(
        IReadOnlyList<string> files, int cameras, CameraWay way, TimeSpan patience, TimeSpan time, CancellationToken cancel)
    {
        await using var server = await RtspCamerasProcess.StartAsync(files, cancel);
        await using var subscriber = await BenchSubscriberProcess.StartAsync(cancel);
        var before = TreeUse.Mib(Environment.ProcessId);
        var loaded = new LoadedConfiguration(OptionsFor(cameras, way, server, subscriber), model.Folder, model.Card);
        using var gauge = new SleepGauge();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var meter = new Meter("bench");
        await using var service = await Service.StartAsync(
            loaded, TimeProvider.System, log, cancel, way == CameraWay.OneChild ? OneChild(loaded, meter) : null);
        var running = service.RunAsync(stop.Token, cancel);
        try
        {
            var settled = await SettleAsync(service, gauge, cameras, way, patience, cancel);
            var use = new TreeUse(server.Id, subscriber.Id);
            var (frames, dropped) = Frames(service, cameras);
            var served = (Cpu: ChildUse.Cpu(server.Id), await server.CountAsync(cancel));
            var (began, decoders) = (TimeProvider.System.GetTimestamp(), use.Of(Decoder));
            var asleep = await AsleepAsync(gauge, cameras, time, cancel);
            var elapsed = TimeProvider.System.GetElapsedTime(began);
            var (own, children) = use.Since();
            decoders = use.Of(Decoder) - decoders;
            var (framesAfter, droppedAfter) = Frames(service, cameras);
            var serverCpu = ChildUse.Cpu(server.Id) - served.Cpu;
            var counts = await server.CountAsync(cancel);
            return new(
                PerCent(own + children, elapsed, cameras), PerCent(own, elapsed, cameras), PerCent(decoders, elapsed, cameras),
                asleep, settled,
                use.Running.Sum(TreeUse.Mib) / cameras, Math.Max(0, TreeUse.Mib(Environment.ProcessId) - before) / cameras,
                use.Running.Count, System.Diagnostics.Process.GetCurrentProcess().Threads.Count,
                (framesAfter - frames) / elapsed.TotalSeconds / cameras, droppedAfter - dropped,
                PerCent(serverCpu, elapsed, cameras), counts.Skipped - served.Item2.Skipped);
        }
        finally
        {
            await stop.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<TimeSpan> SettleAsync(
        Service service, SleepGauge gauge, int cameras, CameraWay way, TimeSpan patience, CancellationToken cancel)
    {
        var began = TimeProvider.System.GetTimestamp();
        var limit = TimeSpan.FromMinutes(1) + (cameras * TimeSpan.FromSeconds(0.5));
        while (Enumerable.Range(0, cameras).Any(i => service.Pipeline.Ingest.ForCamera(Name(i)).ReceivedCount == 0))
        {
            if (TimeProvider.System.GetElapsedTime(began) > limit)
            {
                throw new BenchException($"not all of the {cameras} cameras gave a frame within {limit.TotalSeconds:0} s");
            }

            await Task.Delay(Look, TimeProvider.System, cancel);
        }

        while (way == CameraWay.Auto && gauge.Read() < cameras && TimeProvider.System.GetElapsedTime(began) < patience)
        {
            await Task.Delay(Look, TimeProvider.System, cancel);
        }

        var settled = TimeProvider.System.GetElapsedTime(began);
        await Task.Delay(Lead, TimeProvider.System, cancel);
        return settled;
    }

    private static async Task<double> AsleepAsync(SleepGauge gauge, int cameras, TimeSpan time, CancellationToken cancel)
    {
        var (seen, asleep) = (0, 0L);
        using var clock = new PeriodicTimer(Look);
        for (var began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began) < time; seen++)
        {
            await clock.WaitForNextTickAsync(cancel);
            asleep += gauge.Read();
        }

        return (double)asleep / seen / cameras;
    }

    private static (long Received, long Dropped) Frames(Service service, int cameras)
    {
        var meters = Enumerable.Range(0, cameras).Select(i => service.Pipeline.Ingest.ForCamera(Name(i))).ToArray();
        return (meters.Sum(meter => meter.ReceivedCount), meters.Sum(meter => meter.DroppedCount));
    }

    private static double PerCent(TimeSpan cpu, TimeSpan time, int cameras) => 100 * (cpu / time) / cameras;

    private static PipelineOptions OptionsFor(
        int cameras, CameraWay way, RtspCamerasProcess server, BenchSubscriberProcess subscriber) => new()
        {
            Node = "bench",
            Log = LogLevel.Warning,
            Mqtt = new MqttOptions { Host = subscriber.Host, Port = subscriber.Port },
            Http = new HttpOptions { Port = 0 },
            Model = new ModelOptions { Device = DeviceRequest.Cpu, SelfCheck = TimeSpan.Zero },
            Cameras = Enumerable.Range(0, cameras).ToDictionary(
                i => Name(i),
                i => new CameraOptions
                {
                    Url = server.Url(i),
                    Hwaccel = Hwaccel.None,
                    Hop = Hop,
                    Sleep = way == CameraWay.Auto ? SleepMode.Auto : SleepMode.Never,
                }),
        };

    private static string Name(int camera) => $"cam{camera:000}";

    private Func<string, PixelPool, IFrameSource> OneChild(LoadedConfiguration loaded, Meter meter)
    {
        var (input, meters) = (loaded.Card.Input, new IngestMeters(meter));
        FfmpegEnvironment? environment = null;
        return (key, pool) =>
        {
            environment ??= new(new FfmpegLauncher(TimeProvider.System), () => ffmpeg, pool, TimeProvider.System);
            return new FfmpegSource(
                key, loaded.Options.Cameras[key], new(input.Interval, input.Size, input.Fit), environment, meters.ForCamera(key),
                log.CreateLogger<FfmpegSource>());
        };
    }
}
