using System.Globalization;
using ActionStream.EndToEnd.Support;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Measurements.Soak;

/// <summary>Four cameras, one of which comes and goes, with all that a site has: events, snapshots, recordings, a spool, a browser on
/// the live page, somebody who scrapes. What a service uses in its first minutes it still uses hours later.</summary>
/// <remarks>`make soak MINUTES=60`. Without SOAK_MINUTES it is skipped.</remarks>
public sealed class SoakTests(ITestOutputHelper output) : IDisposable
{
    private const int Fps = 16;
    private const int MediaBytes = 20_000_000;
    private const int BufferBytes = 4_000_000;

    // until hot methods are compiled anew and every pool has seen its fullest
    private static readonly TimeSpan WarmUp = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(15); // as Prometheus would ask
    private static readonly TimeSpan Up = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan Down = TimeSpan.FromSeconds(7);
    private static readonly TimeProvider Clock = TimeProvider.System;
    private static readonly string[] Cameras = ["steady0", "steady1", "steady2", "flapping"];

    private readonly string _folder = Directory.CreateTempSubdirectory("actionstream-soak-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SoakFact]
    public async Task Memory_handles_threads_children_and_files_stay_flat()
    {
        var minutes = SoakFactAttribute.Minutes;
        var clip = await RtspCamera.ClipAsync("320x240", Fps);
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port, "actionstream/+/events");
        await using var steady = await RtspCamera.StartAsync([clip, clip, clip], login: null, Fps);
        await using var flapping = await RtspCamera.StartAsync([clip], login: null, Fps);
        await using var service = await Service.StartAsync(Yaml(broker.Port, steady, flapping));
        await using var viewer = new LiveViewer(service.Http, Cameras);
        using var end = new CancellationTokenSource();
        var comesAndGoes = FlapAsync(flapping, end.Token);

        var samples = new List<SoakSample>();
        var started = Clock.GetTimestamp();
        using var tick = new PeriodicTimer(Every);
        while (Clock.GetElapsedTime(started).TotalMinutes < minutes && await tick.WaitForNextTickAsync())
        {
            var at = Clock.GetElapsedTime(started);
            if (at >= WarmUp || minutes < 8)
            {
                samples.Add(await SoakSample.TakeAsync(service, _folder, "steady", at));
            }
        }

        await end.CancelAsync();
        var flaps = await comesAndGoes;
        var page = await service.GetAsync("/metrics");
        Judge(samples);
        var types = listener.Messages.GroupBy(message => message.Json.GetProperty("type").GetString()!)
            .ToDictionary(type => type.Key, type => type.Count());
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"the flapping camera was away {flaps} times; events started {types.GetValueOrDefault("start")}; "
            + $"snapshots {Service.Metric(page, "actionstream_snapshots_total", "made")}, "
            + $"recordings {Service.Metric(page, "actionstream_event_recordings_total")}; the browser took {viewer.Bytes / 1e6:0.0} MB"));
        Assert.True(flaps > 0 && types.GetValueOrDefault("start") > 0 && viewer.Bytes > 0, "not all of it took part");
        Assert.Equal(0, await service.StopAsync());
    }

    private string Yaml(int broker, RtspCamera steady, RtspCamera flapping) =>
        $$"""
        node: soak
        model: {path: {{TestModel.Folder}}, device: cpu}
        http: {port: 0}
        mqtt: {host: 127.0.0.1, port: {{broker}}, spool: {path: {{_folder}}/spool} }
        media:
          path: {{_folder}}/media
          mqtt: true
          bytes: {{MediaBytes}}
          recordings: {enabled: true, pre_roll: 2s, post_roll: 2s, longest: 10s, buffer: {{_folder}}/buffer, buffer_bytes: {{BufferBytes}} }
        defaults:
          hop: 2
          events: {enter: 0.3, leave: 0.25, min_duration: 250ms, smoothing: 0ms, merge_gap: 250ms, scores: every, classes: {squat: {enter: 0.04, leave: 0.035} } }
        cameras:
          steady0: {url: "{{steady.UrlOf(0)}}"}
          steady1: {url: "{{steady.UrlOf(1)}}"}
          steady2: {url: "{{steady.UrlOf(2)}}"}
          flapping: {url: "{{flapping.Url}}"}
        """;

    private static async Task<int> FlapAsync(RtspCamera camera, CancellationToken end)
    {
        for (var times = 0; ; times++)
        {
            await Task.Delay(Up, Clock, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (end.IsCancellationRequested)
            {
                return times;
            }

            await camera.KillAsync();
            await Task.Delay(Down, Clock, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await camera.StartAgainAsync();
        }
    }

    private void Judge(List<SoakSample> samples)
    {
        var span = samples[^1].Hours - samples[0].Hours;
        var rate = (samples[^1].Decisions - samples[0].Decisions) / span / 3600;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{samples.Count} samples over {span * 60:0.0} min after {samples[0].Hours * 60:0.0} min of warm-up\n"
            + $"generation-2 collections: {(samples[^1].Gen2 - samples[0].Gen2) / span:0.0} per hour\n"
            + $"managed allocation: {(samples[^1].AllocatedMiB - samples[0].AllocatedMiB) / span / 60:0.00} MiB per minute\n"
            + $"decisions of the steady cameras: {rate:0.000} per second of 12 configured"));
        Trend Of(string name, string unit, Func<SoakSample, double> value) =>
            new(name, unit, samples.Select(sample => (sample.Hours, value(sample))));
        (Trend Trend, double PerHour, double Once)[] bounds =
        [
            (Of("RSS", "MiB", sample => sample.RssMiB), 8, 15), // 8 an hour is where the alert goes off
            (Of("handles", "", sample => sample.Handles), 2, 8),
            (Of("threads", "", sample => sample.Threads), 1, 5),
            (Of("children", "", sample => sample.Children), 0.3, 2),
            (Of("managed heap", "MiB", sample => sample.HeapMiB), 4, 8),
            (Of("spool", "KiB", sample => sample.SpoolKiB), 500, 2000), // within what is written anew when it is twice too long
            (Of("buffer", "MiB", sample => sample.BufferMiB), 1, 4),
        ];
        var media = Of("media", "MiB", sample => sample.MediaMiB);
        foreach (var (trend, _, _) in bounds)
        {
            output.WriteLine(trend.ToString());
        }

        output.WriteLine(media.ToString());
        Assert.All(bounds, bound => Assert.True(bound.Trend.IsFlat(bound.PerHour, bound.Once), bound.Trend.ToString()));
        Assert.InRange(media.Most, 0.01, MediaBytes * 1.1 / (1 << 20));
        Assert.InRange(rate, 12 * 0.95, 12 * 1.05);
    }

    private sealed class SoakFactAttribute : FactAttribute
    {
        public SoakFactAttribute()
        {
            if (Minutes <= 0)
            {
                Skip = "a soak takes its time: make soak MINUTES=60";
            }
        }

        public static double Minutes { get; } =
            double.TryParse(Environment.GetEnvironmentVariable("SOAK_MINUTES"), CultureInfo.InvariantCulture, out var minutes)
                ? minutes
                : 0;
    }
}
