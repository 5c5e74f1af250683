using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using ActionStream.Core.Media;
using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.Ingest;
using ActionStream.Ingest.Decoding;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Packets.Gating;
using ActionStream.Ingest.Quality;
using ActionStream.Ingest.Sources;
using ActionStream.Unit.Ingest.Decoding;
using ActionStream.Unit.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.Unit.Ingest;

/// <summary>Two cameras, and an error that nobody foresaw in any part of one of them: a bad night for that one alone.</summary>
public sealed class UnforeseenErrorTests : IDisposable
{
    private static readonly TimeSpan D = TimeSpan.FromMilliseconds(125);
    private static readonly FrameSize Size = new(4, 4);

    private readonly FakeClock _clock = new();
    private readonly PixelPool _pool = new();
    private readonly Meter _meter = new("test");
    private readonly MeterCounts _counts;
    private readonly LogLines<ReconnectingSource> _log = new();
    private readonly CancellationTokenSource _stop = new();
    private volatile bool _isArmed = true;

    public UnforeseenErrorTests() => _counts = new(_meter);

    public void Dispose()
    {
        _stop.Dispose();
        _counts.Dispose();
        _meter.Dispose();
        Assert.Equal(0, _pool.InUse);
        _pool.Dispose();
    }

    [Theory]
    [InlineData("source, at once")]
    [InlineData("source, opening")]
    [InlineData("source, after some frames")]
    [InlineData("source, closing")]
    [InlineData("recording buffer, opening")]
    [InlineData("child, starting")]
    [InlineData("child, its output")]
    [InlineData("child, its exit")]
    [InlineData("child, its disposal")]
    [InlineData("recording buffer, closing")]
    [InlineData("packets, their gate's making")]
    [InlineData("packets, their gate")]
    [InlineData("packets, their gate's look")]
    [InlineData("packets, votes")]
    [InlineData("packets, observer of sleep")]
    [InlineData("packets, sink")]
    [InlineData("packets, reader's start")]
    [InlineData("packets, decoder's start")]
    [InlineData("packets, decoder's exit")]
    [InlineData("stall guard")]
    [InlineData("frame watcher")]
    [InlineData("window assembly")]
    [InlineData("quality inspection")]
    [InlineData("status, connecting")]
    [InlineData("status, online")]
    [InlineData("status, offline")]
    [InlineData("downstream writer")]
    public async Task Thrown_in_any_part_of_a_camera_it_ends_that_connection_and_the_camera_is_back_when_it_is_over(string seam)
    {
        await using var clips = new StageChannel<Clip>(new(4096), new StageMeter(_meter, "inference"));
        var good = new Camera("good", this, clips, "");
        var bad = new Camera("bad", this, clips, seam);
        Task[] running = [good.Stage.RunAsync(_stop.Token), bad.Stage.RunAsync(_stop.Token)];

        await UntilAsync(() => bad.Thrown >= 1 && (bad.Says(StreamState.Offline) || seam == "status, offline"), "the error to be seen");
        var before = good.Decided;
        await UntilAsync(() => good.Decided > before, "the other camera's windows");
        _isArmed = false;
        await UntilAsync(() => bad.State == StreamState.Online && bad.Decided > 0, "its return");

        Assert.DoesNotContain(good.Said, status => status.State == StreamState.Offline);
        Assert.All(running, run => Assert.False(run.IsCompleted));
        if (seam != "status, offline")
        {
            Assert.Contains(bad.Said, status => status is { State: StreamState.Offline, Reason: "internal" });
            Assert.InRange(_counts["actionstream.camera.reconnects camera=bad reason=internal"], 1, bad.Thrown);
        }

        var traced = Assert.Single(_log.Lines, line => line.Level == LogLevel.Error).Text;
        Assert.Contains("   at ", traced, StringComparison.Ordinal); // says where
        await _stop.CancelAsync();
        await Task.WhenAll(running).WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task In_the_writing_of_its_last_clip_before_a_stop_it_is_no_error_at_all()
    {
        await using var clips = new StageChannel<Clip>(new(4096), new StageMeter(_meter, "inference"));
        var camera = new Camera("bad", this, clips, "");
        var running = camera.Stage.RunAsync(_stop.Token);
        await UntilAsync(() => camera.Decided > 0, "a window");
        await _stop.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.DoesNotContain(camera.Said, status => status.State == StreamState.Offline);
    }

    private async Task UntilAsync(Func<bool> isSo, string what)
    {
        for (var i = 0; i < 100_000; i++)
        {
            if (isSo())
            {
                return;
            }

            _clock.Advance(D);
            if (i % 8 == 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
            }
        }

        Assert.Fail($"waited in vain for {what}; the log: {string.Join('\n', _log.Lines.Take(20))}");
    }

    private sealed class SeamException(string seam) : Exception($"Seam {seam}");

    /// <summary>One camera whose parts throw at one seam as long as they are armed.</summary>
    private sealed class Camera : IFrameSource, IProgress<StreamStatus>, IStageWriter<Clip>, IFrameWatcher, IPacketKeeper, IFfmpegLauncher
    {
        private readonly UnforeseenErrorTests _test;
        private readonly IStageWriter<Clip> _clips;
        private readonly string _seam;
        private readonly List<StreamStatus> _said = [];
        private readonly IFrameSource _ffmpeg;
        private readonly PacketSource _packets;
        private readonly ScriptedChildren _children;
        private int _thrown;
        private int _decided;

        public Camera(string name, UnforeseenErrorTests test, IStageWriter<Clip> clips, string seam)
        {
            (_test, _clips, _seam) = (test, clips, seam);
            var options = new SourceOptions
            {
                Url = "srt://camera",
                StallTimeout = TimeSpan.FromMinutes(10),
                Hwaccel = Hwaccel.None,
                Quality = new() { MinScore = 0, Dark = Treatment.Keep, SceneChange = Treatment.Keep, FrozenAfter = TimeSpan.Zero },
            };
            var ffmpeg = new FfmpegEnvironment(this, () => new("/ffmpeg", "5.1"), test._pool, test._clock);
            var spec = new FrameSpec(D, Size, Fit.Crop);
            var meters = new IngestMeters(test._meter);
            var direct = new FfmpegSource(name, options, spec, ffmpeg, meters.ForCamera(name), NullLogger<FfmpegSource>.Instance);
            _ffmpeg = seam.StartsWith("recording", StringComparison.Ordinal)
                ? new PacketSource(
                    new(
                        name, "srt://camera", options, spec, D, ffmpeg, meters.ForCamera(name),
                        (_, _) => new AlwaysAwake(WakeReasons.Configured), () => WakeReasons.None, Sleep: null!),
                    () => direct, this, NullLogger<PacketSource>.Instance)
                : direct;
            _children = new ScriptedChildren
            {
                Read = camera => ScriptedChildren.Send(ScriptedChildren.Begin(camera), 0),
                Decode = (child, _) =>
                {
                    if (seam == "packets, decoder's exit")
                    {
                        child.Exit(139);
                        return;
                    }

                    ScriptedChildren.Decoder(child);
                },
                Starting = isDecoder => Break(isDecoder ? "packets, decoder's start" : "packets, reader's start"),
                Ending = () => Break("packets, decoder's exit"),
            };
            var part = new Part(this);
            var packets = new PacketCamera(
                name, "", options, spec with { Size = ScriptedChildren.Size }, D, ffmpeg, meters.ForCamera(name), part.Gate, part.Votes, part);
            _packets = new(packets, () => direct, part, NullLogger<PacketSource>.Instance);
            var services = new IngestServices(
                ffmpeg, new ConnectLimiter(test._clock), meters, ReconnectingSource.CameraBackoff, new Random(1), new Logs(test._log))
            { Watcher = this };
            Stage = IngestStage.Create(name, options, new(2, D, Hop: 1), spec, services, this, this, this);
        }

        public IngestStage Stage { get; }

        public int Thrown => Volatile.Read(ref _thrown);

        public int Decided => Volatile.Read(ref _decided);

        public StreamState? State => Said is [.., var last] ? last.State : null;

        public IReadOnlyList<StreamStatus> Said
        {
            get
            {
                lock (_said)
                {
                    return [.. _said];
                }
            }
        }

        public bool Says(StreamState state) => Said.Any(status => status.State == state);

        public IAsyncEnumerable<Frame> ReadAsync(int epoch, CancellationToken cancel)
        {
            Break("source, at once");
            var frames = Frames(epoch, cancel);
            return (_test._isArmed ? _seam.Split(',')[0] : "") switch
            {
                "stall guard" => new StallGuard(frames, D, D, new BrokenClock(this)).ReadAsync(epoch, cancel),
                "child" or "recording buffer" => _ffmpeg.ReadAsync(epoch, cancel),
                "packets" => _packets.ReadAsync(epoch, cancel),
                _ => frames.ReadAsync(epoch, cancel),
            };
        }

        public void OnFrame(string stream, in Frame frame) => Break("frame watcher");

        public ValueTask WriteAsync(Clip value, CancellationToken cancel)
        {
            using (_seam == "downstream writer" && _test._isArmed ? value : null)
            {
                Break("downstream writer");
            }

            Interlocked.Increment(ref _decided);
            return _clips.WriteAsync(value, cancel);
        }

        public void Complete(Exception? fault = null)
        {
        }

        public void Report(StreamStatus value)
        {
            Break($"status, {value.State.ToString().ToLowerInvariant()}");
            lock (_said)
            {
                _said.Add(value);
            }
        }

        public IPacketSink Begin(int epoch)
        {
            Break("recording buffer, opening");
            return new Sink(this);
        }

        public IFfmpegChild Start(FfmpegTool tool, FfmpegCommand command, long? memory)
        {
            if (_seam.StartsWith("packets", StringComparison.Ordinal))
            {
                return _children.Start(tool, command, memory);
            }

            Break("child, starting");
            return new Child(this);
        }

        private ScriptedSource Frames(int epoch, CancellationToken cancel) => new((_, _) => PlayAsync(epoch, cancel));

        private async IAsyncEnumerable<Frame> PlayAsync(int epoch, [EnumeratorCancellation] CancellationToken cancel)
        {
            Break("source, opening");
            try
            {
                for (var i = 0; ; i++)
                {
                    var isOdd = i == 4 && _test._isArmed;
                    var size = isOdd && _seam == "window assembly" ? new FrameSize(2, 2) : Size;
                    var bytes = isOdd && _seam == "quality inspection" ? 1 : size.Bytes;
                    if (size != Size || bytes != size.Bytes)
                    {
                        Interlocked.Increment(ref _thrown);
                    }

                    yield return new(new FrameTime(epoch, D * i, _test._clock.GetTimestamp()), size, _test._pool.Rent(bytes));
                    if (i == 4)
                    {
                        Break("source, after some frames");
                    }

                    if (i == 4 && _test._isArmed && _seam is "source, closing" or "status, offline")
                    {
                        yield break;
                    }

                    await Task.Delay(D, _test._clock, cancel);
                }
            }
            finally
            {
                Break("source, closing");
            }
        }

        private void Break(string seam)
        {
            // A connection by packets is broken from its beginning to its end: it would give frames of another size.
            if (seam == _seam && (_test._isArmed || seam.StartsWith("packets", StringComparison.Ordinal)))
            {
                Interlocked.Increment(ref _thrown);
                throw new SeamException(seam);
            }
        }

        private sealed class Sink(Camera camera) : IPacketSink
        {
            public void Begin(CodedStream stream)
            {
            }

            public void Add(Packet packet)
            {
            }

            public void Dispose() => camera.Break("recording buffer, closing");
        }

        private sealed class Child(Camera camera) : Stream, IFfmpegChild
        {
            public Stream Output => this;

            public IReadOnlyList<string> Lines => [];

            public long LineCount => 0;

            public long Complaints => 0;

            public int Packets => 0;

            public TimeSpan? FormatChangedAt => null;

            public Task<int> Exited => ExitAsync();

            public override bool CanRead => true;

            public override bool CanSeek => false;

            public override bool CanWrite => false;

            public override long Length => 0;

            public override long Position { get; set; }

            public void Kill()
            {
            }

            public override async ValueTask DisposeAsync()
            {
                await base.DisposeAsync();
                camera.Break("child, its disposal");
            }

            public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

            public override int Read(Span<byte> buffer)
            {
                camera.Break("child, its output");
                return 0;
            }

            public override void Flush()
            {
            }

            public override long Seek(long offset, SeekOrigin origin) => 0;

            public override void SetLength(long value)
            {
            }

            public override void Write(byte[] buffer, int offset, int count)
            {
            }

            private async Task<int> ExitAsync()
            {
                await Task.Yield();
                camera.Break("child, its exit");
                return 1;
            }
        }

        /// <summary>What others do with a camera's packets.</summary>
        private sealed class Part(Camera camera) : IGate, ISleepObserver, IPacketKeeper, IPacketSink
        {
            public Part Gate(CodedStream stream, object? pictures)
            {
                camera.Break("packets, their gate's making");
                return this;
            }

            public WakeReasons Votes()
            {
                camera.Break("packets, votes");
                return WakeReasons.None;
            }

            public GateStep Take(in CodedPicture picture, WakeReasons votes)
            {
                camera.Break("packets, their gate");
                return new(WakeReasons.Motion, false, null);
            }

            public void Look(ReadOnlySpan<byte> pixels, FrameSize size, TimeSpan presentation, bool isHeartbeat) =>
                camera.Break("packets, their gate's look");

            public void Gated(WakeReasons reasons) => camera.Break("packets, observer of sleep");

            public void Slept(TimeSpan time)
            {
            }

            public void NotDecoded(TimeSpan time)
            {
            }

            public void DecodesHeartbeat()
            {
            }

            public IPacketSink Begin(int epoch) => this;

            public void Begin(CodedStream stream)
            {
            }

            public void Add(Packet packet) => camera.Break("packets, sink");

            public void Dispose()
            {
            }
        }

        private sealed class BrokenClock(Camera camera) : TimeProvider
        {
            public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
            {
                camera.Break("stall guard");
                return base.CreateTimer(callback, state, dueTime, period);
            }
        }
    }

    /// <summary>Everybody writes into one log.</summary>
    private sealed class Logs(ILogger log) : ILoggerFactory
    {
        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => log;

        public void Dispose()
        {
        }
    }
}
