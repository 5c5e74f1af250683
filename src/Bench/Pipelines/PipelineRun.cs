using ActionStream.Bench.Engine;
using ActionStream.Bench.Reporting;
using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Host;
using ActionStream.Host.Configuration;
using ActionStream.Host.Web;
using ActionStream.Inference.Configuration;
using ActionStream.Inference.Scoring;
using ActionStream.Ingest.Sources;
using ActionStream.Publish.Events;
using ActionStream.Publish.Mqtt.Client;
using Microsoft.Extensions.Logging;

namespace ActionStream.Bench.Pipelines;

/// <summary>A load for the whole service.</summary>
/// <param name="Interval">Time between two sampled frames.</param>
/// <param name="Hop">Sampled frames from one decision to the next.</param>
/// <param name="Url">What the cameras show; null for prepared frames without a decoder.</param>
internal sealed record PipelineLoad(
    int Cameras, TimeSpan Interval, int Hop, TimeSpan Deadline, string? Url = null, WindowPath Windows = WindowPath.Auto)
{
    public double Asked => Cameras / (Hop * Interval).TotalSeconds;
}

/// <summary>What a run came to. Ages and times in milliseconds, as a subscriber in another process received them.</summary>
/// <param name="Overhead">Age less the time in the model.</param>
/// <param name="CpuS">Of this process alone.</param>
/// <param name="PerCamera">Decisions that reached the subscriber.</param>
internal sealed record PipelineFigures(
    TimeSpan Time, long Frames, long Decisions, IReadOnlyDictionary<string, long> Dropped, IReadOnlyDictionary<string, int> PerCamera,
    Percentiles Age, Percentiles Model, Percentiles Queue, Percentiles Overhead, double CpuS, double AllocatedBytes, int Gen2,
    double RssStartMib, double RssEndMib, long Windows, long Tubelets, double DeadlineMs)
{
    /// <summary>Decisions of the camera that got fewest beside the mean.</summary>
    public double Fairness(int cameras) =>
        Decisions == 0 ? 0 : (PerCamera.Count < cameras ? 0 : PerCamera.Values.Min()) / ((double)PerCamera.Values.Sum() / cameras);
}

/// <summary>The whole service under a fixed load: cameras, engine, smoothing, a real broker and a subscriber in another process.</summary>
internal sealed class PipelineRun(string folder, ModelCard card, ILoggerFactory log)
{
    private const string Windows = "actionstream.inference.windows";
    private const string Misses = "actionstream.token.cache.misses";

    /// <param name="settle">From the first frame until it counts: caches, compilers and ladders come to rest.</param>
    public async Task<PipelineFigures> RunAsync(PipelineLoad load, TimeSpan settle, TimeSpan time, CancellationToken cancel)
    {
        await using var subscriber = await BenchSubscriberProcess.StartAsync(cancel);
        using var counters = new CounterSums(Windows, Misses);
        var loaded = new LoadedConfiguration(OptionsFor(load, subscriber), folder, card);
        using var recordings = new Recordings(card.Input, load);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await using var service = await Service.StartAsync(
            loaded, TimeProvider.System, log, cancel, load.Url is null ? recordings.Of : null);
        var running = service.RunAsync(stop.Token, cancel);
        try
        {
            await Task.Delay(settle, TimeProvider.System, cancel);
            await subscriber.MarkAsync();
            var began = new Reading(service, load.Cameras, counters);
            await Task.Delay(time, TimeProvider.System, cancel);
            var ended = new Reading(service, load.Cameras, counters);
            var received = await subscriber.ReportAsync(cancel);
            return new(
                time, ended.Frames - began.Frames, received.Count, Difference(began.Dropped, ended.Dropped),
                received.GroupBy(one => one.Camera).ToDictionary(group => group.Key, group => group.Count()),
                Percentiles.Of(received.Select(one => one.AgeMs)), Percentiles.Of(received.Select(one => one.InferMs)),
                Percentiles.Of(received.Select(one => one.QueueMs)),
                Percentiles.Of(received.Select(one => one.AgeMs - one.InferMs)),
                (ended.Cpu - began.Cpu).TotalSeconds, ended.Allocated - began.Allocated, ended.Gen2 - began.Gen2,
                began.RssMib, ended.RssMib,
                ended.Windows - began.Windows, ended.Tubelets - began.Tubelets, load.Deadline.TotalMilliseconds);
        }
        finally
        {
            await stop.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static PipelineOptions OptionsFor(PipelineLoad load, BenchSubscriberProcess subscriber) => new()
    {
        Node = "bench",
        Log = LogLevel.Warning,
        Mqtt = new MqttOptions { Host = subscriber.Host, Port = subscriber.Port },
        Http = new HttpOptions { Port = 0 },
        Model = new ModelOptions { Device = DeviceRequest.Cpu, Windows = load.Windows, SelfCheck = TimeSpan.Zero },
        Cameras = Enumerable.Range(0, load.Cameras).ToDictionary(
            i => Name(i),
            i => new CameraOptions
            {
                Url = load.Url ?? "lavfi:color",
                Loop = true,
                Realtime = true,
                Hwaccel = Hwaccel.None,
                Hop = load.Hop,
                Interval = load.Interval,
                Deadline = load.Deadline,
                Events = new EventOptions { Scores = "every" },
            }),
    };

    private static string Name(int camera) => $"cam{camera:000}";

    private static Dictionary<string, long> Difference(IReadOnlyDictionary<string, long> before, IReadOnlyDictionary<string, long> after) =>
        after.ToDictionary(pair => pair.Key, pair => pair.Value - before.GetValueOrDefault(pair.Key))
            .Where(pair => pair.Value > 0).ToDictionary();

    /// <summary>Prepared frames, shared by all cameras; their decisions fall due one after the other.</summary>
    private sealed class Recordings(ModelInput input, PipelineLoad load) : IDisposable
    {
        private readonly Lock _lock = new();
        private readonly long _origin = TimeProvider.System.GetTimestamp();
        private NoiseVideo? _recording;
        private int _cameras;

        public SyntheticCamera Of(string stream, PixelPool pool)
        {
            lock (_lock)
            {
                _recording ??= new(pool, input.Size, 4 * input.Frames);
                var period = load.Hop * load.Interval;
                return new SyntheticCamera(
                    _recording, load.Interval, _origin, period, period * _cameras++ / load.Cameras, TimeProvider.System);
            }
        }

        public void Dispose() => _recording?.Dispose();
    }

    private sealed class Reading
    {
        public Reading(Service service, int cameras, CounterSums counters)
        {
            var pipeline = service.Pipeline;
            var meters = Enumerable.Range(0, cameras).Select(i => pipeline.Ingest.ForCamera(Name(i))).ToArray();
            Frames = meters.Sum(meter => meter.ReceivedCount);
            Dropped = meters.SelectMany(meter => meter.DroppedByReason).Concat(pipeline.ClipsMeter.DroppedByReason)
                .Append(("not_published", pipeline.Link.Meter.DroppedScores + pipeline.Link.Meter.DroppedEvents))
                .GroupBy(entry => entry.Item1).ToDictionary(group => group.Key, group => group.Sum(entry => entry.Item2));
            (Windows, Tubelets) = (counters[PipelineRun.Windows], counters[Misses]);
            Cpu = Environment.CpuUsage.TotalTime;
            Allocated = GC.GetTotalAllocatedBytes();
            Gen2 = GC.CollectionCount(2);
            RssMib = Environment.WorkingSet / (double)(1 << 20);
        }

        public long Frames { get; }

        public IReadOnlyDictionary<string, long> Dropped { get; }

        public long Windows { get; }

        public long Tubelets { get; }

        public TimeSpan Cpu { get; }

        public long Allocated { get; }

        public int Gen2 { get; }

        public double RssMib { get; }
    }
}
