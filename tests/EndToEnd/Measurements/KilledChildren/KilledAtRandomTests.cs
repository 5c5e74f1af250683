using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using ActionStream.Core.Media;
using ActionStream.Core.Results;
using ActionStream.Core.Retrying;
using ActionStream.Core.Stages;
using ActionStream.EndToEnd.Contracts.Ingest;
using ActionStream.EndToEnd.Support;
using ActionStream.Ingest;
using ActionStream.Ingest.Decoding;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Packets.Gating;
using ActionStream.Ingest.Sources;
using ActionStream.Ingest.Windowing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Measurements.KilledChildren;

/// <summary>Readers and decoders are killed and stopped by chance, from a seed: no camera is lost, and no frame is another's.</summary>
/// <remarks>`make kills SECONDS=600 SEED=1`. Without KILLS_SECONDS only the short form runs.</remarks>
public sealed class KilledAtRandomTests(ITestOutputHelper output) : IDisposable
{
    private const int Cameras = 6;

    /// <summary>Of these, the ones that sleep now and then.</summary>
    private const int Drowsy = 2;

    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Reach = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestAway = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(30);

    /// <summary>Shorter than the distance of pictures: none is thinned out.</summary>
    private static readonly FrameSpec Picture = new(TimeSpan.FromMilliseconds(50), new FrameSize(64, 64), Fit.Crop);

    /// <summary>No camera fails as often as these, and one that did would be tried every half minute only.</summary>
    private static readonly Backoff Soon = new() { HealthyAfter = TimeSpan.FromSeconds(1) };

    private readonly string _folder = Directory.CreateTempSubdirectory("killed-children-").FullName;
    private readonly Meter _meter = new("kills");
    private readonly CancellationTokenSource _stop = new();

    public void Dispose()
    {
        _stop.Dispose();
        _meter.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [NeedsFact("ffmpeg", "rtsp", "setpriv")]
    public Task Ten_seconds() => RunAsync(seed: 1, TimeSpan.FromSeconds(10));

    [KillsFact]
    public Task As_long_as_asked() => RunAsync(Number("KILLS_SEED", 1), TimeSpan.FromSeconds(Number("KILLS_SECONDS", 600)));

    private async Task RunAsync(int seed, TimeSpan span)
    {
        Say($"kills: seed {seed}, {span.TotalSeconds:0} s");
        var clips = await Task.WhenAll(Enumerable.Range(0, Cameras).Select(Watermark.ClipAsync));
        await using var server = await RtspCamera.StartAsync(clips, login: null, Watermark.Fps);
        var leftOut = ListenTo("actionstream.camera.packets.left_out");
        var cameras = Enumerable.Range(0, Cameras).Select(number => new WatchedCamera(number, Reach, Say)).ToList();
        await using (var rig = new CameraRig())
        {
            await using var clipsOut = new StageChannel<Clip>(new StageChannelOptions(16), new StageMeter(_meter, "infer"));
            var draining = DrainAsync(clipsOut);
            var programs = cameras.Select((camera, i) => (camera, ProgramOf(camera), IsDrowsy(i))).ToList();
            var running = cameras.Select((camera, i) => Stage(rig, camera, server.UrlOf(i), clipsOut, IsDrowsy(i), new Random(seed + i))
                .RunAsync(_stop.Token)).ToList();
            await SettledAsync(cameras, "all cameras come up");

            var killer = new ChildKiller(programs, new Random(seed), Stall, Say);
            await killer.RunAsync(span);
            await SettledAsync(cameras, "all cameras come back");

            await _stop.CancelAsync();
            await Task.WhenAll(running).WaitAsync(Settling);
            clipsOut.Complete();
            await draining;
            Say(Report(cameras, killer, leftOut()));
        } // every frame and clip was passed on or disposed

        var left = Processes.Children(Environment.ProcessId).Where(IsOurs).ToList();
        Assert.True(left.Count == 0, $"left: {string.Join(", ", left.Select(ProcessTree.CommandLine))}");
        var faults = cameras.SelectMany(camera => camera.Faults).ToList();
        Assert.True(faults.Count == 0, $"{faults.Count} faults:\n{string.Join('\n', faults.Take(20))}");
        Assert.All(cameras, camera => Assert.True(camera.Frames > 0 && camera.Connections > 0));
        Assert.True(cameras.Sum(camera => camera.Heartbeats) > 0 && cameras.Sum(camera => camera.Wakes) > 0, "none slept and woke");
        var away = cameras.SelectMany(camera => camera.Away).DefaultIfEmpty().Max();
        Assert.True(away <= LongestAway, $"a camera was away for {away}");
    }

    private static bool IsDrowsy(int camera) => camera >= Cameras - Drowsy;

    private bool IsOurs(int child) => ProcessTree.CommandLine(child).Contains(_folder, StringComparison.Ordinal);

    /// <summary>ffmpeg by a name of the camera's own, since a decoder's words do not say whose it is.</summary>
    private string ProgramOf(WatchedCamera camera)
    {
        var path = Path.Combine(_folder, camera.Name);
        File.CreateSymbolicLink(path, FfmpegTool.Find().Path);
        return path;
    }

    private IngestStage Stage(
        CameraRig rig, WatchedCamera camera, string url, StageChannel<Clip> clips, bool isDrowsy, Random chance)
    {
        var tool = FfmpegTool.Find() with { Path = Path.Combine(_folder, camera.Name) };
        var options = new SourceOptions
        {
            Url = url,
            Hwaccel = Hwaccel.None,
            StallTimeout = Stall,
            Sleep = SleepMode.Never,
            ConnectTimeout = TimeSpan.FromSeconds(5),
        };
        var services = rig.Services with
        {
            Ffmpeg = rig.Environment with { Find = () => tool },
            Watcher = new Watcher(camera),
            Random = chance,
            Backoff = Soon,
        };
        var window = new WindowSpec(Length: 8, Picture.Interval, Hop: 4);
        var source = !isDrowsy ? null : new PacketSource(
            new(
                camera.Name, camera.Name, options, Picture, Reach, services.Ffmpeg, rig.Meters.ForCamera(camera.Name),
                (_, _) => camera.Gated(new(chance)), () => WakeReasons.None, new Unheard()),
            () => throw new InvalidOperationException("its packets can be had"), keep: null, NullLogger<PacketSource>.Instance);
        return IngestStage.Create(camera.Name, options, window, Picture, services, clips, camera, source);
    }

    private static async Task DrainAsync(StageChannel<Clip> clips)
    {
        await foreach (var clip in clips.Reader.ReadAllAsync())
        {
            clip.Dispose();
        }
    }

    private static async Task SettledAsync(List<WatchedCamera> cameras, string promise)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (cameras.Where(camera => !camera.IsSeenSince(begun) || camera.State is StreamState.Offline or StreamState.Connecting).ToList()
            is { Count: > 0 } missing)
        {
            Assert.True(
                TimeProvider.System.GetElapsedTime(begun) < Settling,
                $"{promise}: {string.Join(", ", missing.Select(camera => $"{camera.Name} {camera.State}"))}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    private static string Report(List<WatchedCamera> cameras, ChildKiller killer, long leftOut)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"done: {killer.Done}\n");
        foreach (var camera in cameras)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{camera.Name}: {camera.Frames} frames, {camera.Heartbeats} of them heartbeats, {camera.Wakes} wakes, "
                + $"{camera.Connections} connections, {camera.Missing} missing, {camera.LostInSleep} lost before a sleep\n");
        }

        var away = cameras.SelectMany(camera => camera.Away).Order().ToList();
        text.Append(
            CultureInfo.InvariantCulture,
            $"away {away.Count} times, half of them for less than {away.ElementAtOrDefault(away.Count / 2).TotalSeconds:0.0} s, "
            + $"at most {away.LastOrDefault().TotalSeconds:0.0} s; {leftOut} packets left out\n");
        var faults = cameras.SelectMany(camera => camera.Faults).ToList();
        return text.Append(CultureInfo.InvariantCulture, $"{faults.Count} faults\n").AppendJoin('\n', faults.Take(50)).ToString();
    }

    private static Func<long> ListenTo(string instrument)
    {
        var count = 0L;
        var listener = new MeterListener
        {
            InstrumentPublished = (published, listener) =>
            {
                if (published.Name == instrument)
                {
                    listener.EnableMeasurementEvents(published);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, more, _, _) => Interlocked.Add(ref count, more));
        listener.Start();
        return () => Interlocked.Read(ref count);
    }

    /// <summary>At once, where somebody waits for it: a test's output comes only when it is over.</summary>
    private void Say(string text)
    {
        lock (_meter)
        {
            output.WriteLine(text);
            if (Environment.GetEnvironmentVariable("KILLS_SAYS") is { Length: > 0 } to)
            {
                File.AppendAllText(to, text + "\n");
            }
        }
    }

    private static int Number(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    private sealed class Watcher(WatchedCamera camera) : IFrameWatcher
    {
        public void OnFrame(string stream, in Frame frame) => camera.OnFrame(frame);
    }

    private sealed class Unheard : ISleepObserver
    {
        public void Gated(WakeReasons reasons)
        {
        }

        public void Slept(TimeSpan time)
        {
        }

        public void NotDecoded(TimeSpan time)
        {
        }

        public void DecodesHeartbeat()
        {
        }
    }

    private sealed class KillsFactAttribute : FactAttribute
    {
        public KillsFactAttribute()
        {
            if (Environment.GetEnvironmentVariable("KILLS_SECONDS") is null or "")
            {
                Skip = "killing takes its time: make kills SECONDS=600 SEED=1";
            }
        }
    }
}
