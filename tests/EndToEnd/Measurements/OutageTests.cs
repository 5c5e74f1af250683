using System.Diagnostics.Metrics;
using System.Globalization;
using ActionStream.Core.Modelling;
using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.EndToEnd.Support;
using ActionStream.Publish;
using ActionStream.Publish.Events;
using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Messages;
using ActionStream.Publish.Mqtt.Sending;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Measurements;

/// <summary>Eight busy cameras, and a broker that is away for long: a subscriber who never left sees
/// every transition once and in order.</summary>
public sealed class OutageTests(ITestOutputHelper output) : IDisposable
{
    private const int Cameras = 8;
    private const long MiB = 1 << 20;

    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(125); // a decision of some camera: each decides once a second
    private static readonly TimeSpan Around = TimeSpan.FromSeconds(6);
    private static readonly TimeProvider Clock = TimeProvider.System;
    private static readonly ModelCard Card = new()
    {
        Name = "toy",
        Labels = ["fall", "nothing"],
        Output = new() { Background = "nothing" },
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("actionstream-outage").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [NeedsFact("mosquitto", "mosquitto_sub")]
    public Task Half_a_minute() => RunAsync(TimeSpan.FromSeconds(15));

    [MeasureFact("mosquitto", "mosquitto_sub")]
    public Task Ten_minutes() => RunAsync(TimeSpan.FromMinutes(10));

    private async Task RunAsync(TimeSpan outage)
    {
        await using var broker = await Mosquitto.StartAsync(remembers: true);
        await using var listener = await Listener.StartAsync(broker.Port, "p/+/events", session: "watcher");
        using var meter = new Meter("outage");
        var stageMeter = new StageMeter(meter, "publish");
        await using var scores = new StageChannel<ClipScores>(new(64, DropPolicy.None), stageMeter);
        var options = new MqttOptions
        {
            Host = "127.0.0.1",
            Port = broker.Port,
            Prefix = "p",
            RetryCeiling = TimeSpan.FromSeconds(1),
            Spool = new() { Path = _folder, Bytes = 16 * MiB },
        };
        using var link = new MqttLink(options, "edge", meter, Clock, new Random(1), NullLogger<MqttLink>.Instance);
        var events = new EventOptions { Smoothing = TimeSpan.Zero, MinDuration = TimeSpan.Zero, MergeGap = TimeSpan.Zero };
        var observer = new StepObserver();
        var happened = observer.Steps;
        var stage = new PublishStage(
            scores, [.. Enumerable.Range(0, Cameras).Select(camera => new PublishedStream($"cam{camera}", Card, events))],
            new("edge", "boot", "0.1.0", "cpu"), link, stageMeter, meter, Clock, NullLogger<PublishStage>.Instance, [observer]);

        using var end = new CancellationTokenSource();
        var running = stage.RunAsync(default);
        var load = LoadAsync(scores, end.Token);
        await Task.Delay(Around, Clock);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        // What is on its way when a broker goes may come twice, as QoS 1 has it; that is not what is counted here.
        while (link.Meter.Published(MessageKind.Event) < happened.Count)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), Clock);
        }

        await broker.StopAsync();
        var away = Clock.GetTimestamp();
        long mostDisk = 0, mostMemory = 0;
        while (Clock.GetElapsedTime(away) < outage)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), Clock);
            mostDisk = Math.Max(mostDisk, Directory.EnumerateFiles(_folder).Sum(file => new FileInfo(file).Length));
            mostMemory = Math.Max(mostMemory, GC.GetTotalMemory(forceFullCollection: false) - before);
        }

        Assert.False(link.IsConnected);
        var atEnd = GC.GetTotalMemory(forceFullCollection: true) - before;
        await broker.StartAgainAsync();
        var back = Clock.GetTimestamp();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (link.Meter.Published(MessageKind.Event) < happened.Count)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), patience.Token);
        }

        var caughtUp = Clock.GetElapsedTime(back);
        await Task.Delay(Around, Clock);
        await end.CancelAsync();
        await load;
        scores.Complete();
        await running.WaitAsync(TimeSpan.FromSeconds(30));

        await listener.NextAsync(message => Told(message) == happened[^1].Step, TimeSpan.FromSeconds(30));

        // A broker that stopped before its subscriber's acknowledgement was in delivers to the same
        // byte again; ours would come with `late`.
        var all = listener.Messages.ToList();
        var told = all.DistinctBy(message => message.Payload).ToList();
        var heard = told.Select(message =>
            (Camera: message.Topic.Split('/')[1], Step: Told(message), Late: message.Json.GetProperty("late").GetBoolean())).ToList();
        var lost = happened.Select(one => one.Step).Except(heard.Select(one => one.Step)).Count();
        var twice = heard.Count - heard.Select(one => one.Step).Distinct().Count();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"outage {outage.TotalSeconds:0} s, {Cameras} cameras: {happened.Count} transitions, "
            + $"{heard.Count} heard ({heard.Count(one => one.Late)} late), {lost} lost, {twice} twice, {all.Count - told.Count} delivered "
            + $"again by the broker itself; caught up {caughtUp.TotalSeconds:0.0} s after the broker was back; "
            + $"spool at most {mostDisk / 1024.0:0} KiB on disk; managed memory +{mostMemory / (double)MiB:0.0} MiB at most, "
            + $"+{atEnd / (double)MiB:0.0} MiB after a collection at the end"));

        Assert.Equal((0, 0), (lost, twice));
        Assert.Equal(0, link.Meter.DroppedEvents);
        foreach (var camera in happened.GroupBy(one => one.Camera))
        {
            Assert.Equal(camera.Select(one => one.Step), heard.Where(one => one.Camera == camera.Key).Select(one => one.Step));
        }

        Assert.True(heard.Count(one => one.Late) >= outage.TotalSeconds * 4 * 0.8, "the load was not there during the outage");
        Assert.InRange(mostDisk, 1, 3 * options.Spool.Bytes);
        Assert.InRange(atEnd, long.MinValue, 3 * options.Spool.Bytes);
        // what was delivered takes no room
        Assert.InRange(Directory.EnumerateFiles(_folder).Sum(file => new FileInfo(file).Length), 0, MiB);
    }

    private static string Told(Listener.Message message) =>
        Told(message.Json.GetProperty("event_id").GetString()!, message.Json.GetProperty("type").GetString()!);

    private static string Told(string id, string type) => $"{id} {type}";

    /// <summary>Each camera's class goes on and off in turn, so every other second brings a start and an end.</summary>
    private static async Task LoadAsync(StageChannel<ClipScores> scores, CancellationToken end)
    {
        using var tick = new PeriodicTimer(Every, Clock);
        for (long i = 0; !end.IsCancellationRequested; i++)
        {
            var now = Clock.GetTimestamp();
            var (camera, window) = (i % Cameras, i / Cameras);
            var at = TimeSpan.FromSeconds(window + 1);
            var fall = window % 2 == 0 ? 0.9f : 0.1f;
            await scores.WriteAsync(
                new(
                    $"cam{camera}", window, new(0, 0, 0, at, at, TimeSpan.Zero, now, now), new(16, 0, default),
                    [fall, 1 - fall], "cpu", now, now),
                default);
            await tick.WaitForNextTickAsync(default);
        }
    }

    private sealed class StepObserver : IDecisionObserver
    {
        public List<(string Camera, string Step)> Steps { get; } = [];

        public void OnEvent(ActionEvent step) => Steps.Add((step.Stream, Told(step.Id, step.Type is EventType.Start ? "start" : "end")));
    }
}
