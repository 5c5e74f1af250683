using ActionStream.Core.Modelling;
using ActionStream.Host;
using ActionStream.Host.Configuration;
using ActionStream.Host.Output;
using ActionStream.Host.Web;
using ActionStream.Publish;
using ActionStream.Publish.Events;
using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Messages;
using ActionStream.Publish.Mqtt.Sending;
using Microsoft.Extensions.Logging;

namespace ActionStream.Cli.Demo;

/// <summary>Plays the bundled clip as a camera through the real pipeline and a real broker, and listens to what comes out.</summary>
internal static class DemoRun
{
    public const string Camera = "demo";

    public static async Task<DemoSummary> RunAsync(string folder, ModelCard card, TimeSpan time, IDemoScreen screen, Signals signals)
    {
        var clip = ModelFolder.Packaged("configs/demo/clip.mp4", File.Exists)
            ?? throw new UsageException("configs/demo/clip.mp4, the demo's clip, was not found beside the program");
        using var log = LogFactory.Create(screen.LogLevel);
        await using var broker = await EmbeddedBroker.StartAsync(signals.Stop);
        await using var listener = await DemoListener.StartAsync(broker, signals.Stop);

        var loaded = new LoadedConfiguration(OptionsFor(clip, broker), folder, card);
        var stages = new StageTimes();
        var agreement = new Agreement(GroundTruth.Load());
        await using var service = await Service.StartAsync(
            loaded, TimeProvider.System, log, signals.Stop, observers: [new Spectator(stages, agreement, screen)]);
        screen.Open(card, service.Device, broker.Port, service.HttpPort);
        var startedAt = TimeProvider.System.GetTimestamp();
        signals.StopAfter(time);
        await service.RunAsync(signals.Stop, signals.Leave);
        var seconds = TimeProvider.System.GetElapsedTime(startedAt).TotalSeconds;

        if (agreement.Finish() is { } last)
        {
            screen.Judge(last);
        }

        var published = Enum.GetValues<MessageKind>().Sum(service.Pipeline.Link.Meter.Published);
        await listener.HaveReceivedAsync(published, TimeSpan.FromSeconds(3));
        return Summarise(service, card, seconds, published, listener, stages, agreement);
    }

    private static PipelineOptions OptionsFor(string clip, EmbeddedBroker broker) => new()
    {
        Node = "demo-node",
        Mqtt = new MqttOptions { Host = EmbeddedBroker.Host, Port = broker.Port },
        Http = new HttpOptions { Port = 0 },
        Cameras = new Dictionary<string, CameraOptions>
        {
            [Camera] = new() { Url = clip, Hop = 2, Loop = true, Realtime = true, Events = new EventOptions { Scores = "every" } },
        },
    };

    private static DemoSummary Summarise(
        Service service, ModelCard card, double seconds, long published, DemoListener listener, StageTimes stages, Agreement agreement)
    {
        var pipeline = service.Pipeline;
        var camera = pipeline.Ingest.ForCamera(Camera);
        var dropped = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (reason, count)
            in camera.DroppedByReason.Concat(pipeline.ClipsMeter.DroppedByReason).Concat(pipeline.ScoresMeter.DroppedByReason))
        {
            dropped[reason] = dropped.GetValueOrDefault(reason) + count;
        }

        if (pipeline.Link.Meter.DroppedScores + pipeline.Link.Meter.DroppedEvents is > 0 and var unsent)
        {
            dropped["not_published"] = unsent;
        }

        return new(
            Math.Round(seconds, 1),
            camera.ReceivedCount,
            pipeline.ClipsMeter.OfferedCount,
            pipeline.Publisher.Decisions,
            pipeline.Publisher.Detections,
            pipeline.Publisher.Events,
            published,
            listener.Received,
            dropped,
            Percentiles.Of(listener.LatenciesMs),
            stages.MediansMs(),
            card.Name,
            card.Trained,
            agreement.Share is { } share ? Math.Round(share, 3) : null,
            agreement.Agreed,
            agreement.Judged,
            service.Device);
    }

    /// <summary>Shows each decision and judges it.</summary>
    private sealed class Spectator(StageTimes stages, Agreement agreement, IDemoScreen screen) : IDecisionObserver
    {
        public void OnDecision(in Decision decision)
        {
            stages.Add(decision.Latency);
            if (agreement.Take(decision) is { } second)
            {
                screen.Judge(second);
            }

            screen.Show(agreement.Look(decision), agreement);
        }
    }
}
