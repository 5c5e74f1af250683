using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ActionStream.Core.Media;
using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.EndToEnd.Support;
using ActionStream.Ingest;
using ActionStream.Ingest.Sources;
using ActionStream.Ingest.Windowing;

namespace ActionStream.EndToEnd.Contracts.Ingest;

public sealed class RtspTests
{
    private static readonly WindowSpec Window = new(Length: 4, TimeSpan.FromMilliseconds(125), Hop: 2);

    [NeedsFact("ffmpeg", "rtsp")]
    public async Task Times_over_RTSP_are_the_cameras_own()
    {
        await using var rig = new CameraRig();
        using var server = new RtspServer();
        await server.StartAsync();

        var times = await rig.TimesAsync(Live(server.Url()), CameraRig.Small with { Interval = TimeSpan.FromMilliseconds(40) }, most: 30);

        Assert.All(times.Zip(times.Skip(1)), pair => Assert.Equal(40, (pair.Second - pair.First).TotalMilliseconds, 0.5));
    }

    [NeedsFact("ffmpeg", "rtsp")]
    public async Task A_killed_camera_is_back_within_five_seconds_in_a_new_epoch_and_no_clip_spans_the_gap()
    {
        await using var rig = new CameraRig();
        using var server = new RtspServer();
        await server.StartAsync();
        await using var camera = new Running(rig, Live(server.Url()), Window);
        await camera.ClipAsync(clip => clip.Time.Epoch == 0);

        server.Dispose();
        await camera.StatusAsync(status => status.State == StreamState.Offline);
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System); // a few tries fail
        await server.StartAsync();
        var began = TimeProvider.System.GetTimestamp();
        await camera.StatusAsync(status => status.State == StreamState.Online);
        var away = TimeProvider.System.GetElapsedTime(began);
        await camera.ClipAsync(clip => clip.Time.Epoch > 0);

        Assert.True(away < TimeSpan.FromSeconds(5), $"back after {away.TotalSeconds:0.0} s");
        Assert.All(camera.Seen, time => Assert.InRange((time.End - time.Start).TotalMilliseconds, 3 * 125 - 45, 3 * 125 + 45));
    }

    [NeedsFact("ffmpeg", "rtsp")]
    public async Task A_frozen_camera_is_given_up_after_the_stall_timeout()
    {
        await using var rig = new CameraRig();
        using var server = new RtspServer();
        await server.StartAsync();
        await using var camera = new Running(rig, Live(server.Url()) with { StallTimeout = TimeSpan.FromSeconds(1.5) }, Window);
        await camera.StatusAsync(status => status.State == StreamState.Online);

        var began = TimeProvider.System.GetTimestamp();
        server.Freeze();
        var status = await camera.StatusAsync(status => status.State == StreamState.Offline);

        Assert.Equal("stalled", status.Reason);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 1.2, 4);
    }

    [NeedsFact("ffmpeg")]
    public async Task A_wrong_password_is_named_and_not_printed()
    {
        await using var rig = new CameraRig();
        using var answering = new Answering("RTSP/1.0 401 Unauthorized\r\nCSeq: {0}\r\nWWW-Authenticate: Basic realm=\"cam\"\r\n\r\n");

        var fault = await rig.FaultAsync(Live($"rtsp://admin:hunter2@127.0.0.1:{answering.Port}/cam"));

        Assert.Equal(SourceFault.Unauthorized, fault.Fault);
        Assert.DoesNotContain("hunter2", fault + string.Join('\n', fault.Lines), StringComparison.Ordinal);
    }

    [NeedsTheory("ffmpeg")]
    [InlineData("")]
    [InlineData("admin:hunter2@")]
    public async Task A_camera_that_is_not_there_is_named(string login)
    {
        await using var rig = new CameraRig();
        using var answering = new Answering("RTSP/1.0 404 Not Found\r\nCSeq: {0}\r\n\r\n");

        Assert.Equal(SourceFault.NotFound, (await rig.FaultAsync(Live($"rtsp://{login}127.0.0.1:{answering.Port}/cam"))).Fault);
        Assert.Equal(SourceFault.Refused, (await rig.FaultAsync(Live($"rtsp://{login}127.0.0.1:{RtspServer.FreePort()}/cam"))).Fault);
        Assert.Equal(SourceFault.Unreachable, (await rig.FaultAsync(Live($"rtsp://{login}no.such.host.invalid/cam"))).Fault);
    }

    [NeedsFact("ffmpeg")]
    public async Task A_camera_that_accepts_and_says_nothing_is_a_timeout_and_its_neighbour_runs_on()
    {
        await using var rig = new CameraRig();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var mute = new Running(
            rig,
            Live($"rtsp://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/cam") with { ConnectTimeout = TimeSpan.FromSeconds(1.5) },
            Window, "mute");
        await using var well = new Running(
            rig, CameraRig.Source("lavfi:testsrc2=size=64x36:rate=25") with { Realtime = true }, Window, "well");

        Assert.Equal("timeout", (await mute.StatusAsync(status => status.State == StreamState.Offline)).Reason);
        await well.ClipAsync(_ => true);
        Assert.Equal(StreamState.Online, rig.Meters.ForCamera("well").State);
    }

    [NeedsFact("ffmpeg")]
    public async Task A_file_played_once_ends_the_stage_and_every_window_of_it_is_a_clip()
    {
        await using var rig = new CameraRig();
        await using var camera = new Running(rig, CameraRig.Source(Videos.Mp4), Window with { Hop = 1 });

        await camera.Ended.WaitAsync(CameraRig.Soon());
        camera.Drain();

        // 4 s at 8 a second is 32 sampled frames.
        Assert.Equal(32 - 3, camera.Seen.Count);
        Assert.Equal(Enumerable.Range(0, 29).Select(i => (long)i), camera.Seen.Select(time => time.FirstIndex));
        Assert.Null(camera.Stage.Fault);
    }

    private static SourceOptions Live(string url) => CameraRig.Source(url) with { Realtime = true };

    /// <summary>A camera at work, with ears for its clips and words.</summary>
    private sealed class Running : IAsyncDisposable, IProgress<StreamStatus>
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Meter _meter = new("clips");
        private readonly StageChannel<Clip> _clips;
        private readonly List<StreamStatus> _said = [];
        private int _heard;

        public Running(CameraRig rig, SourceOptions options, WindowSpec window, string name = "cam")
        {
            _clips = new(new StageChannelOptions(64), new StageMeter(_meter, "infer"));
            Stage = IngestStage.Create(name, options, window, CameraRig.Small, rig.Services, _clips, this);
            Ended = Stage.RunAsync(_stop.Token);
        }

        public IngestStage Stage { get; }

        public Task Ended { get; }

        public List<ClipTime> Seen { get; } = [];

        public void Report(StreamStatus value)
        {
            lock (_said)
            {
                _said.Add(value);
                Monitor.PulseAll(_said);
            }
        }

        /// <summary>The next status that fits, among those not yet heard.</summary>
        public Task<StreamStatus> StatusAsync(Predicate<StreamStatus> fits) => Task.Run(() =>
        {
            lock (_said)
            {
                while (true)
                {
                    for (; _heard < _said.Count; _heard++)
                    {
                        if (fits(_said[_heard]))
                        {
                            return _said[_heard++];
                        }
                    }

                    Assert.True(Monitor.Wait(_said, TimeSpan.FromSeconds(15)), $"heard only: {string.Join("; ", _said)}");
                }
            }
        });

        public async Task ClipAsync(Predicate<Clip> fits)
        {
            while (true)
            {
                using var clip = await _clips.Reader.ReadAsync(CameraRig.Soon());
                Seen.Add(clip.Time);
                if (fits(clip))
                {
                    return;
                }
            }
        }

        public void Drain()
        {
            while (_clips.Reader.TryRead(out var clip))
            {
                Seen.Add(clip.Time);
                clip.Dispose();
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await Ended.WaitAsync(CameraRig.Soon());
            await _clips.DisposeAsync();
            _meter.Dispose();
            _stop.Dispose();
        }
    }

    /// <summary>Answers every request with the same words.</summary>
    private sealed class Answering : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly string _answer;

        public Answering(string answer)
        {
            _answer = answer;
            _listener.Start();
            _ = Task.Run(ServeAsync);
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    using var lines = new StreamReader(client.GetStream());
                    for (var sequence = "1"; await lines.ReadLineAsync() is { } line;)
                    {
                        sequence = line.StartsWith("CSeq:", StringComparison.Ordinal) ? line[5..].Trim() : sequence;
                        if (line.Length == 0)
                        {
                            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(string.Format(_answer, sequence)));
                        }
                    }
                }
            }
            catch (Exception closed) when (closed is SocketException or IOException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
