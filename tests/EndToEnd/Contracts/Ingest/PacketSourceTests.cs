using System.Diagnostics;
using ActionStream.Core.Media;
using ActionStream.EndToEnd.Support;
using ActionStream.Ingest.Decoding;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Packets.Gating;
using ActionStream.Ingest.Packets.Pictures;
using ActionStream.Ingest.Sources;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.EndToEnd.Contracts.Ingest;

public sealed class PacketSourceTests
{
    [NeedsTheory("ffmpeg")]
    [InlineData("libx264", "-bf 0", "mp4")]
    [InlineData("libx264", "-bf 2", "mp4")]
    [InlineData("libx264", "-bf 2", "ts")]
    [InlineData("libx265", "-x265-params log-level=none", "mp4")]
    [InlineData("mpeg4", "-bf 1", "ts")]
    [InlineData("mjpeg", "-pix_fmt yuvj420p", "mov")]
    public async Task A_camera_read_and_decoded_by_two_children_gives_the_frames_that_one_gives(string codec, string options, string container)
    {
        await using var rig = new CameraRig();
        var video = Videos.Encoded(codec, options, container);

        var one = await FramesAsync(rig.Ffmpeg(CameraRig.Source(video)));
        var two = await FramesAsync(Packets(rig, CameraRig.Source(video)));

        Assert.Equal(48, one.Count, 2d);
        Assert.Equal(one, two);
    }

    [NeedsTheory("ffmpeg")]
    [InlineData("libx264", "-bf 0", "mp4", 25)]
    [InlineData("libx264", "-bf 3 -x264-params b-pyramid=normal", "mp4", 25)]
    [InlineData("libx264", "-bf 2", "ts", 50)]
    [InlineData("libx265", "-x265-params log-level=none:open-gop=1", "mp4", 25)]
    [InlineData("mpeg4", "-bf 1", "ts", 25)]
    [InlineData("mjpeg", "-pix_fmt yuvj420p", "mov", 1)]
    public async Task After_a_sleep_every_frame_is_to_the_bit_what_whole_decoding_gives(
        string codec, string options, string container, int gop)
    {
        await using var rig = new CameraRig();
        var video = Videos.Encoded(codec, options, container, gop);
        var whole = await FramesAsync(rig.Ffmpeg(CameraRig.Source(video)));
        var sleeps = new Sleeps(At(1.5), At(3.2), At(4), At(4.6));

        var seen = await AllAsync(Packets(rig, CameraRig.Source(video), (_, _) => sleeps));

        var (awake, beats) = (seen.Where(frame => !frame.IsHeartbeat).ToList(), seen.Where(frame => frame.IsHeartbeat).ToList());
        Assert.NotEmpty(beats);
        Assert.All(beats, beat => Assert.Equal(0, beat.At.Ticks % At(0.04).Ticks)); // a picture of the camera's
        Assert.All(awake, frame => Assert.Contains((frame.At, frame.Hash), whole));

        // What was to be awake is there without a hole, from before it woke on.
        var wanted = whole.Where(frame => frame.At < At(1.4) || (frame.At >= At(3.2) && frame.At < At(3.9)) || frame.At > At(4.6)).ToList();
        Assert.All(wanted, frame => Assert.Contains(awake, one => one.At == frame.At));
        Assert.All(awake, frame => Assert.False(frame.At > At(1.6) && frame.At < At(0.95) && !frame.EndsSleep));
    }

    /// <summary>The camera says its new size once, with a picture that nobody decodes.</summary>
    [NeedsTheory("ffmpeg")]
    [InlineData("libx264", "-preset ultrafast -bf 0", "H264")]
    [InlineData("libx265", "-preset ultrafast -x265-params log-level=none:bframes=0:repeat-headers=1:open-gop=1", "HEVC")]
    public async Task A_camera_that_becomes_another_size_while_it_sleeps_is_seen_as_whole_decoding_sees_it(
        string codec, string options, string letters)
    {
        await using var rig = new CameraRig();
        var video = Videos.SizeSaidOnce(codec, options, letters);
        var whole = await FramesAsync(rig.Ffmpeg(CameraRig.Source(video)));
        var sleeps = new Sleeps(At(1.5), At(5.2)) { BeatsFrom = At(2.5) };

        var seen = await AllAsync(Packets(rig, CameraRig.Source(video), (_, _) => sleeps));

        Assert.Contains(seen, frame => frame.IsHeartbeat);
        Assert.All(seen, frame => Assert.Contains((frame.At, frame.Hash), whole));
        Assert.All(whole.Where(frame => frame.At < At(1.4) || frame.At > At(5.2)), frame => Assert.Contains(seen, one => one.At == frame.At));
    }

    /// <summary>RTMP: parameters are told beside the packets, and a relay goes on when its sender comes back as another one.</summary>
    [NeedsFact("ffmpeg")]
    public async Task A_camera_that_says_another_size_beside_its_packets_is_opened_anew()
    {
        await using var rig = new CameraRig();
        var options = CameraRig.Source($"rtmp://127.0.0.1:{Ports.Free()}/live/cam") with { Realtime = true };
        using var server = Process.Start(
            "ffmpeg", $"-v error -nostdin -re -i {Videos.FlvOfTwoSizes} -c copy -f flv -listen 1 {options.Url}");
        var frames = new List<Seen>();
        try
        {
            var fault = await Assert.ThrowsAsync<SourceException>(async () =>
            {
                for (var tries = 0; ; tries++)
                {
                    try
                    {
                        await foreach (var frame in AllOf(Packets(rig, options)))
                        {
                            frames.Add(frame);
                        }
                    }
                    catch (SourceException refused) when (refused.Fault == SourceFault.Refused && tries < 50)
                    {
                        await Task.Delay(100); // it does not listen yet
                    }
                }
            });

            Assert.Equal(SourceFault.Broken, fault.Fault);
            Assert.Contains("went on with another stream: H264 320x180", fault.Message, StringComparison.Ordinal);
            Assert.InRange(frames.Count, 8, 34); // from the first key picture behind what was looked at
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync();
        }
    }

    [NeedsTheory("ffmpeg")]
    [InlineData("libx264", "-bf 3")]
    [InlineData("libx265", "-x265-params log-level=none:open-gop=1")]
    public async Task A_heartbeat_is_seen_at_once_though_its_codec_reorders(string codec, string options)
    {
        await using var rig = new CameraRig();
        var camera = CameraRig.Source(Videos.Encoded(codec, options, "mp4")) with { Realtime = true };

        var beats = new List<TimeSpan>();
        await foreach (var frame in Packets(rig, camera, (_, _) => new Sleeps(At(0.5), At(60))).ReadAsync(0, CameraRig.Soon()).Take(12))
        {
            using (frame)
            {
                if (frame.IsHeartbeat)
                {
                    beats.Add(TimeProvider.System.GetElapsedTime(frame.Time.ArrivedAt));
                }
            }

            if (beats.Count == 3)
            {
                break;
            }
        }

        Assert.Equal(3, beats.Count);
        Assert.All(beats, age => Assert.InRange(age.TotalSeconds, 0, 0.8)); // the next one is a second away
    }

    [NeedsFact("ffmpeg")]
    public async Task A_decoder_that_is_killed_is_replaced_and_not_a_frame_is_missing_or_twice()
    {
        await using var rig = new CameraRig();
        var options = CameraRig.Source(Videos.Encoded("libx264", "-bf 2", "mp4")) with { Realtime = true };
        var whole = await FramesAsync(rig.Ffmpeg(options with { Realtime = false }));
        var launcher = new Watched(rig.Environment.Launcher);

        var seen = new List<(TimeSpan At, string Hash)>();
        await foreach (var frame in AllOf(Packets(rig, options, environment: rig.Environment with { Launcher = launcher })))
        {
            seen.Add((frame.At, frame.Hash));
            if (seen.Count is 10 or 25)
            {
                launcher.Children[^1].Kill(); // by its decoder's own clock, in the middle of a group of pictures
            }
        }

        Assert.Equal(4, launcher.Children.Count);
        Assert.Equal(whole, seen);
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    private static async Task<List<(TimeSpan At, string Hash)>> FramesAsync(IFrameSource source) =>
        [.. (await AllAsync(source)).Select(frame => (frame.At, frame.Hash))];

    private static async Task<List<Seen>> AllAsync(IFrameSource source)
    {
        var frames = new List<Seen>();
        await foreach (var frame in AllOf(source))
        {
            frames.Add(frame);
        }

        return frames;
    }

    private static async IAsyncEnumerable<Seen> AllOf(IFrameSource source)
    {
        await using var frames = source.ReadAsync(0, CameraRig.Soon()).GetAsyncEnumerator();
        while (true)
        {
            try
            {
                if (!await frames.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (SourceException end) when (end.Fault == SourceFault.Disconnected)
            {
                yield break; // a live source has no end
            }

            using var frame = frames.Current;
            var hash = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(frame.Pixels));
            yield return new(frame.Time.Presentation, hash, frame.IsHeartbeat, frame.EndsSleep);
        }
    }

    private static PacketSource Packets(
        CameraRig rig, SourceOptions options, Func<CodedStream, IPictureReader?, IGate>? gate = null,
        FfmpegEnvironment? environment = null) => new(
        new(
            "cam", "cam", options, CameraRig.Small, TimeSpan.FromSeconds(0.5), environment ?? rig.Environment, rig.Meters.ForCamera("cam"),
            gate ?? ((_, _) => new AlwaysAwake(WakeReasons.Configured)), () => WakeReasons.None, new Unheard()),
        () => rig.Ffmpeg(options), keep: null, NullLogger<PacketSource>.Instance);

    private sealed record Seen(TimeSpan At, string Hash, bool IsHeartbeat, bool EndsSleep);

    /// <summary>Asleep between each two of the times, with every key picture as a heartbeat.</summary>
    private sealed class Sleeps(params TimeSpan[] times) : IGate
    {
        public TimeSpan BeatsFrom { get; init; }

        public GateStep Take(in CodedPicture picture, WakeReasons votes)
        {
            var at = picture.Presentation;
            var isAsleep = times.Chunk(2).Any(sleep => at >= sleep[0] && at < sleep[1]);
            return isAsleep ? new(WakeReasons.None, picture.IsKey && at >= BeatsFrom, null) : new(WakeReasons.Motion, false, at);
        }

        public void Look(ReadOnlySpan<byte> pixels, FrameSize size, TimeSpan presentation, bool isHeartbeat)
        {
        }
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

    private sealed class Watched(IFfmpegLauncher launcher) : IFfmpegLauncher
    {
        public List<IFfmpegChild> Children { get; } = [];

        public IFfmpegChild Start(FfmpegTool tool, FfmpegCommand command, long? memory = null)
        {
            Children.Add(launcher.Start(tool, command, memory));
            return Children[^1];
        }
    }
}
