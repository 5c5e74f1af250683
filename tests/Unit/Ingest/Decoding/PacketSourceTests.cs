using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using ActionStream.Core.Media;
using ActionStream.Ingest.Decoding;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Packets.Gating;
using ActionStream.Ingest.Sources;
using ActionStream.Unit.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.Unit.Ingest.Decoding;

/// <summary>The whole of a camera by packets, with children that are scripts.</summary>
public sealed class PacketSourceTests : IAsyncDisposable
{
    private const string TooLarge = "[h264 @ 0x1] Picture size 30000x30000 exceeds specified max pixel count 40000000";

    private readonly FakeClock _clock = new();
    private readonly PixelPool _pool = new();
    private readonly ScriptedChildren _children = new();
    private readonly ConcurrentQueue<(int Number, TimeSpan At)> _frames = new();
    private readonly ConcurrentQueue<SourceFault> _replaced = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _sending = new(0);
    private SourceOptions _options = new()
    {
        Url = "srt://camera",
        StallTimeout = TimeSpan.FromHours(1),
        Hwaccel = Hwaccel.None,
        Quality = new() { DamagedFor = TimeSpan.FromSeconds(1) },
    };

    private Func<IGate> _gate = () => new AlwaysAwake(WakeReasons.Configured);
    private Func<WakeReasons> _votes = () => WakeReasons.None;
    private ISleepObserver _sleep = new Unheard();
    private IPacketKeeper? _keep;
    private int _direct;
    private Task<Exception?> _reading = Task.FromResult<Exception?>(null);

    /// <summary>Whatever a test did: nothing runs on, and nothing is out.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await EndAsync();
        Assert.All([.. _children.Readers, .. _children.Decoders], child => Assert.True(child.IsDisposed));
        Assert.Equal(0, _pool.InUse);
        _pool.Dispose();
        _stop.Dispose();
        _sending.Dispose();
    }

    [Fact]
    public async Task Every_picture_comes_out_and_a_camera_that_hangs_up_is_one_that_hung_up()
    {
        Camera(pictures: 12);
        Start();

        Assert.Equal(SourceFault.Disconnected, (await FaultAsync()).Fault);

        AssertFrames(0, 12);
        Assert.Equal((1, 1), (_children.Readers.Count, _children.Decoders.Count));
        Assert.Empty(_replaced);
    }

    [Fact]
    public async Task Pictures_before_the_first_that_can_be_decoded_are_packets_and_no_frames()
    {
        var source = Camera(
            camera =>
            {
                var nut = ScriptedChildren.Begin(camera);
                for (var i = 1; i < 5; i++)
                {
                    ScriptedChildren.Send(nut, i);
                }

                _sending.Wait();
                ScriptedChildren.Send(nut, 5);
                _sending.Wait();
                camera.Exit(0);
            });
        await UntilAsync(() => source.Packets == 4, "its packets");
        Assert.True(source.HasPackets);
        _sending.Release();
        await UntilAsync(() => _frames.Count == 1, "a frame");
        Assert.False(source.HasPackets); // it lacks no key picture
        Assert.Equal(5, source.Packets);
        _sending.Release();

        await FaultAsync();
        AssertFrames(5, 6);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(7)]
    public async Task A_decoder_that_dies_is_replaced_and_no_frame_is_missing_or_twice(int frames)
    {
        _children.Decode = (child, number) =>
        {
            if (ScriptedChildren.Decoder(child, number == 0 ? frames : number == 1 ? frames + 9 : int.MaxValue))
            {
                child.Exit(139);
            }
        };
        Camera(pictures: 40, hangsUp: false);
        Start();

        await UntilAsync(() => _frames.Count >= 40, "forty frames");

        AssertFrames(0, 40);
        Assert.Equal(3, _children.Decoders.Count);
        Assert.Equal([SourceFault.Crashed, SourceFault.Crashed], _replaced);
        Assert.Single(_children.Readers);
    }

    [Fact]
    public async Task One_that_never_gives_a_frame_is_tried_thrice_and_then_it_is_the_camera_that_is_tried_again()
    {
        _children.Decode = (child, _) => child.Exit(139);
        Camera(pictures: 40, hangsUp: false);
        Start();

        Assert.Equal(SourceFault.Crashed, (await FaultAsync()).Fault);
        Assert.Equal(3, _children.Decoders.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_that_no_decoder_may_decode_ends_the_connection_at_once(bool exits)
    {
        _children.Decode = (child, _) =>
        {
            child.Says(TooLarge);
            if (exits)
            {
                child.Exit(0);
            }

            ScriptedChildren.Swallow(child);
        };
        Camera(camera =>
        {
            var nut = ScriptedChildren.Begin(camera);
            for (var i = 0; ; i++)
            {
                ScriptedChildren.Send(nut, i);
                Thread.Sleep(1);
            }
        });

        var fault = await FaultAsync();

        Assert.Equal(SourceFault.TooLarge, fault.Fault);
        Assert.Contains("30000x30000", fault.Message, StringComparison.Ordinal);
        Assert.Single(_children.Decoders);
        Assert.Empty(_replaced);
    }

    [Theory]
    [InlineData(true)] // it takes packets
    [InlineData(false)] // it takes none
    public async Task A_decoder_that_hangs_is_replaced_and_no_frame_is_missing_or_twice(bool takes)
    {
        _options = _options with { StallTimeout = TimeSpan.FromSeconds(2) };
        _children.Decode = (child, number) =>
        {
            if (ScriptedChildren.Decoder(child, number == 0 ? 7 : int.MaxValue) && takes)
            {
                ScriptedChildren.Swallow(child);
            }
        };
        Camera(pictures: 20, hangsUp: false);
        Start();
        await UntilAsync(() => _frames.Count == 7 && Sent == 20, "frames before it hangs", TimeSpan.Zero);
        await UntilAsync(
            () =>
            {
                _sending.Release(); // the camera goes on, in its own time
                return _children.Decoders.Count == 2;
            },
            "another decoder", ScriptedChildren.Step);

        await UntilAsync(() => _frames.Count >= 30, "its frames", TimeSpan.Zero);

        AssertFrames(0, 30, atLeast: true);
        Assert.Equal(2, _children.Decoders.Count);
        Assert.True(_children.Decoders[0].WasKilled);
    }

    [Fact]
    public async Task A_decoder_that_gives_garbage_and_hears_nothing_is_ended()
    {
        _children.Decode = (child, _) =>
        {
            child.Out.Write("<html>"u8);
            child.Exited.GetAwaiter().GetResult();
        };
        Camera(hangsUp: false);
        Start();

        var fault = await FaultAsync();

        Assert.Equal(SourceFault.Broken, fault.Fault);
        Assert.Contains("the decoder of srt://camera gave bytes that are no frames", fault.Message, StringComparison.Ordinal);
        Assert.All(_children.Decoders, decoder => Assert.True(decoder.WasKilled));
    }

    [Fact]
    public async Task A_camera_that_gives_no_NUT_is_broken_and_its_child_is_ended_though_it_says_no_more()
    {
        Camera(camera => camera.Out.Write("HTTP/1.1 200 OK, and much more than that"u8));

        var fault = await FaultAsync();

        Assert.Equal(SourceFault.Broken, fault.Fault);
        Assert.Contains("bytes that are no packets", fault.Message, StringComparison.Ordinal);
        Assert.Empty(_children.Decoders);
    }

    [Fact]
    public async Task A_camera_that_is_cut_off_within_its_header_is_broken_and_one_that_says_nothing_hung_up()
    {
        Camera(camera =>
        {
            camera.Out.Write("nut/multi"u8);
            camera.Exit(0);
        });
        Assert.Equal(SourceFault.Broken, (await FaultAsync()).Fault);

        Camera(camera => camera.Exit(0));
        Assert.Equal(SourceFault.Disconnected, (await FaultAsync()).Fault);
        Assert.Empty(_children.Decoders);
    }

    [Theory]
    [InlineData("codec")]
    [InlineData("size")]
    [InlineData("parameters")]
    public async Task A_camera_that_goes_on_with_another_stream_is_opened_anew_and_no_packet_of_that_is_decoded(string changed)
    {
        var other = changed switch
        {
            "codec" => ScriptedChildren.Stream with { FourCc = 0x34363248 },
            "size" => ScriptedChildren.Stream with { Size = new(640, 480) },
            _ => ScriptedChildren.Stream with { ExtraData = new byte[] { 2, 3 } },
        };
        Camera(camera =>
        {
            var nut = ScriptedChildren.Begin(camera);
            for (var i = 0; i < 20; i++)
            {
                if (i % 3 == 0)
                {
                    ScriptedChildren.SendHeader(camera, i < 12 ? ScriptedChildren.Stream : other); // ffmpeg repeats it now and then
                }

                ScriptedChildren.Send(nut, i);
            }
        });

        var fault = await FaultAsync();

        Assert.Equal(SourceFault.Broken, fault.Fault);
        Assert.Equal(
            $"srt://camera went on with another stream: {(changed == "codec" ? "H264" : "Other")} {other.Size} with {other.ExtraData.Length} "
            + "bytes of parameters after Other 2x1 with 1 bytes of parameters",
            fault.Message);
        AssertFrames(0, 12);
    }

    [Fact]
    public async Task What_the_reader_says_of_its_end_is_the_fault()
    {
        Camera(camera =>
        {
            camera.Says("[rtsp @ 0x1] method DESCRIBE failed: 401 Unauthorized");
            camera.Exit(1);
        });

        Assert.Equal(SourceFault.Unauthorized, (await FaultAsync()).Fault);
    }

    [Fact]
    public async Task A_codec_that_cannot_be_handed_on_is_read_and_decoded_by_one_child_from_then_on()
    {
        Camera(camera =>
        {
            camera.Says("[nut @ 0x1] No codec tag defined for codec id 12");
            camera.Exit(1);
        });

        Assert.Null(await EndAsync());
        Assert.Equal(1, _direct);
    }

    [Fact]
    public async Task A_header_that_never_comes_is_waited_for_until_somebody_has_enough()
    {
        var source = Camera(_ => { });
        await UntilAsync(() => _children.Readers.Count == 1, "its reader");
        Assert.Equal((0, false), (source.Packets, source.HasPackets));
        await _stop.CancelAsync();

        Assert.IsType<OperationCanceledException>(await EndAsync());
        Assert.Empty(_children.Decoders);
    }

    [Fact]
    public async Task Cancelled_at_any_moment_nothing_runs_on()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var children = new ScriptedChildren
            {
                Read = camera =>
                {
                    var nut = ScriptedChildren.Begin(camera);
                    for (var i = 0; ; i++)
                    {
                        ScriptedChildren.Send(nut, i);
                    }
                },
                Decode = (child, _) =>
                {
                    // Some die, some take nothing from some moment on.
                    if (ScriptedChildren.Decoder(child, random.Next(40)) && seed % 2 == 0)
                    {
                        child.Exit(1);
                    }
                },
            };
            using var stop = new CancellationTokenSource();
            var (frames, most) = (0, random.Next(20));
            var reading = Task.Run(async () =>
            {
                await foreach (var frame in Source(children).ReadAsync(0, stop.Token))
                {
                    frame.Dispose();
                    if (++frames == most)
                    {
                        break;
                    }
                }
            });
            if (seed % 3 != 0)
            {
                await Task.WhenAny(reading, Task.Delay(random.Next(4)));
                await stop.CancelAsync();
            }

            for (var i = 0; i < 10_000 && !reading.IsCompleted; i++)
            {
                if (i == 200)
                {
                    await stop.CancelAsync(); // a decoder that hangs before a first frame is the stall guard's
                }

                _clock.Advance(TimeSpan.FromMilliseconds(50));
                await Task.Delay(1);
            }

            Assert.True(reading.IsCompleted, $"seed {seed} still runs");
            Assert.All([.. children.Readers, .. children.Decoders], child => Assert.True(child.IsDisposed, $"seed {seed}"));
            Assert.Equal((seed, 0), (seed, _pool.InUse));
        }
    }

    [Theory]
    [InlineData("gate, its making")]
    [InlineData("gate, packets")]
    [InlineData("gate, frames")]
    [InlineData("votes")]
    [InlineData("observer")]
    [InlineData("keeper")]
    [InlineData("sink, its beginning")]
    [InlineData("sink, packets")]
    [InlineData("decoder, its start")]
    [InlineData("decoder, its end")]
    public async Task An_error_that_nobody_foresaw_ends_the_connection_with_itself_and_its_stack(string seam)
    {
        var broken = new Broken(seam);
        _gate = () => broken.At("gate, its making") ?? broken;
        _votes = () => broken.At("votes") is null ? WakeReasons.None : throw new InvalidOperationException();
        _sleep = broken;
        _keep = seam is "keeper" or "sink, its beginning" or "sink, packets" ? broken : null;
        if (seam.StartsWith("decoder", StringComparison.Ordinal))
        {
            _children.Decode = (child, _) => child.Exit(139);
            _children.Starting = takesInput => broken.At(takesInput && seam.EndsWith("start", StringComparison.Ordinal) ? seam : "");
            _children.Ending = () => broken.At("decoder, its end");
        }

        Camera(hangsUp: false);
        Start();

        var thrown = Assert.IsType<InvalidTimeZoneException>(await EndAsync());

        Assert.Equal(seam, thrown.Message);
        Assert.Contains(nameof(Broken), thrown.StackTrace, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_decoder_that_cannot_be_started_ends_a_connection_whose_reader_waits_for_it()
    {
        _options = _options with { Url = "/clips/a.mp4", Realtime = false };
        _children.Starting = takesInput =>
        {
            if (takesInput)
            {
                Thread.Sleep(50); // the reader is at its bound by then
                throw new SourceException(SourceFault.HostLimit, "this machine has no room for a child");
            }
        };
        Camera(pictures: 500, hangsUp: false);
        Start();

        Assert.Equal(SourceFault.HostLimit, (await FaultAsync()).Fault);
    }

    [Fact]
    public async Task Asleep_only_heartbeats_come_and_waking_brings_what_was_before_it()
    {
        var gate = new Sleeps(awakeUntil: 12, heartbeat: 20, wakes: 28);
        _gate = () => gate;
        Camera(pictures: 40, hangsUp: false);
        Start();

        await UntilAsync(() => _frames.Any(frame => frame.Number == 39), "the last frame");

        // Its reach is half a second: picture 28 less 13 is 15, a clean start, whose slot of the grid (up to 18) may be another frame's.
        var numbers = _frames.Select(frame => frame.Number).ToList();
        numbers.Remove(12); // it may be at the decoder before it is told to be the end
        numbers.Remove(20); // the heartbeat
        Assert.Equal([.. Enumerable.Range(0, 12), .. Enumerable.Range(18, 22)], numbers);
        Assert.Equal(20, gate.Heartbeat);
    }

    [Theory]
    [InlineData(1, 12)] // as soon as it has fallen asleep
    [InlineData(8, 20)] // with the heartbeat in it
    [InlineData(11, 28)] // with the heartbeat in it, and what comes after the sleep
    public async Task A_decoder_that_dies_as_its_camera_falls_asleep_takes_no_frame_with_it(int frames, int dies)
    {
        var gate = new Sleeps(awakeUntil: 12, heartbeat: 20, wakes: 28);
        _gate = () => gate;
        _children.Decode = (child, number) =>
        {
            ScriptedChildren.Decoder(child, number == 0 ? frames : int.MaxValue, until: number == 0 ? dies : int.MaxValue);
            child.Exit(139);
        };
        Camera(pictures: 40, hangsUp: false);
        Start();

        await UntilAsync(() => _frames.Any(frame => frame.Number == 39), "the last frame");

        var numbers = _frames.Select(frame => frame.Number).ToList();
        numbers.Remove(12); // it may be at the decoder before it is told to be the end
        Assert.Equal([.. Enumerable.Range(0, 12), 20, .. Enumerable.Range(18, 22)], numbers);
        Assert.Equal(20, gate.Heartbeat);
    }

    private int Sent { get; set; }

    // Sends pictures, and one more whenever it is told to.
    private void Camera(int pictures = 10, bool hangsUp = true) => _children.Read = camera =>
    {
        var nut = ScriptedChildren.Begin(camera);
        for (; Sent < pictures; Sent++)
        {
            ScriptedChildren.Send(nut, Sent);
        }

        if (hangsUp)
        {
            camera.Exit(0);
            return;
        }

        while (_sending.Wait(TimeSpan.FromSeconds(20)))
        {
            ScriptedChildren.Send(nut, Sent++);
        }
    };

    private PacketSource Camera(Action<ScriptedChild> read)
    {
        _children.Read = read;
        return Start();
    }

    private PacketSource Start()
    {
        var source = Source(_children);
        _reading = Task.Run(async () =>
        {
            try
            {
                await foreach (var frame in source.ReadAsync(0, _stop.Token))
                {
                    using (frame)
                    {
                        _frames.Enqueue((ScriptedChildren.NumberOf(frame.Pixels), frame.Time.Presentation));
                    }
                }

                return null;
            }
            catch (Exception ended)
            {
                return (Exception?)ended;
            }
        });
        return source;
    }

    private PacketSource Source(ScriptedChildren children)
    {
        var environment = new FfmpegEnvironment(children, () => new("/ffmpeg", "5.1"), _pool, _clock);
        var spec = new FrameSpec(TimeSpan.FromMilliseconds(125), ScriptedChildren.Size, Fit.Crop);
        var camera = new PacketCamera(
            "cam", "srt://camera", _options, spec, TimeSpan.FromSeconds(0.5), environment, new Counter(_replaced), (_, _) => _gate(),
            () => _votes(), _sleep);
        return new(camera, Direct, _keep, NullLogger<PacketSource>.Instance);
    }

    private ScriptedSource Direct()
    {
        _direct++;
        return new((epoch, cancel) => ScriptedSource.Frames(_pool, epoch, 0, null, cancel: cancel));
    }

    private async Task<SourceException> FaultAsync() => Assert.IsType<SourceException>(await EndAsync());

    private async Task<Exception?> EndAsync()
    {
        await UntilAsync(() => _reading.IsCompleted, "the connection's end");
        return await _reading;
    }

    private async Task UntilAsync(Func<bool> isSo, string what, TimeSpan? step = null)
    {
        for (var i = 0; i < 20_000; i++)
        {
            if (isSo())
            {
                return;
            }

            _clock.Advance(step ?? TimeSpan.FromMilliseconds(10));
            await Task.Delay(1);
        }

        Assert.Fail($"waited in vain for {what}; frames: {string.Join(' ', _frames.Select(frame => frame.Number))}");
    }

    private void AssertFrames(int from, int to, bool atLeast = false)
    {
        var frames = _frames.ToList();
        Assert.Equal(Enumerable.Range(from, atLeast ? Math.Max(frames.Count, to - from) : to - from), frames.Select(frame => frame.Number));
        Assert.All(frames, frame => Assert.Equal(frame.Number * ScriptedChildren.Step, frame.At));
    }

    private sealed class Counter(ConcurrentQueue<SourceFault> replaced) : IFrameCounter
    {
        public void DroppedFull()
        {
        }

        public void DroppedCorrupt()
        {
        }

        public void StderrLines(long count)
        {
        }

        public void DecoderReplaced(SourceFault fault) => replaced.Enqueue(fault);
    }

    private class Unheard : ISleepObserver
    {
        public virtual void Gated(WakeReasons reasons)
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

    /// <summary>Asleep from one picture to another, with one heartbeat.</summary>
    private sealed class Sleeps(int awakeUntil, int heartbeat, int wakes) : IGate
    {
        public int? Heartbeat { get; private set; }

        public GateStep Take(in CodedPicture picture, WakeReasons votes)
        {
            var number = (int)(picture.Presentation / ScriptedChildren.Step);
            return number < awakeUntil || number >= wakes
                ? new(WakeReasons.Motion, false, picture.Presentation)
                : new(WakeReasons.None, number == heartbeat, null);
        }

        public void Look(ReadOnlySpan<byte> pixels, FrameSize size, TimeSpan presentation, bool isHeartbeat) =>
            Heartbeat = isHeartbeat ? ScriptedChildren.NumberOf(pixels) : Heartbeat;
    }

    /// <summary>Everything of a camera that is not the core's own; throws at one seam.</summary>
    private sealed class Broken(string seam) : Unheard, IGate, IPacketKeeper, IPacketSink
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public IGate? At(string place) => place == seam ? throw new InvalidTimeZoneException(seam) : null;

        public GateStep Take(in CodedPicture picture, WakeReasons votes)
        {
            At("gate, packets");
            return new(WakeReasons.Motion, false, null);
        }

        public void Look(ReadOnlySpan<byte> pixels, FrameSize size, TimeSpan presentation, bool isHeartbeat) => At("gate, frames");

        public override void Gated(WakeReasons reasons) => At("observer");

        public IPacketSink? Begin(int epoch)
        {
            At("keeper");
            return this;
        }

        public void Begin(CodedStream stream) => At("sink, its beginning");

        public void Add(Packet packet) => At("sink, packets");

        public void Dispose()
        {
        }
    }
}
