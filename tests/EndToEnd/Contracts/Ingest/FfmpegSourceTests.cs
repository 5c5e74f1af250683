using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.EndToEnd.Support;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Sources;

namespace ActionStream.EndToEnd.Contracts.Ingest;

public sealed class FfmpegSourceTests
{
    [NeedsFact("ffmpeg")]
    public async Task A_test_source_is_thinned_to_the_frames_nearest_the_grid()
    {
        await using var rig = new CameraRig();

        var times = await rig.TimesAsync(CameraRig.Source("lavfi:testsrc2=size=64x36:rate=25:duration=2"));

        Assert.Equal(
            [0, 120, 240, 360, 480, 640, 760, 880, 1000, 1120, 1240, 1360, 1480, 1640, 1760, 1880],
            times.Select(time => time.TotalMilliseconds));
    }

    [NeedsFact("ffmpeg")]
    public async Task Times_of_an_odd_frame_rate_are_exact()
    {
        await using var rig = new CameraRig();

        var times = await rig.TimesAsync(CameraRig.Source(Videos.Ntsc), CameraRig.Small with { Interval = TimeSpan.FromMilliseconds(20) });

        Assert.Equal(120, times.Count);
        Assert.All(times.Index(), at => Assert.Equal(at.Index * 1001.0 / 30, at.Item.TotalMilliseconds, 1e-3));
    }

    [NeedsFact("ffmpeg")]
    public async Task A_slow_source_gives_what_it_has_and_nothing_is_invented()
    {
        await using var rig = new CameraRig();

        var times = await rig.TimesAsync(CameraRig.Source("lavfi:testsrc2=size=64x36:rate=3:duration=2"));

        Assert.Equal(6, times.Count);
    }

    [NeedsTheory("ffmpeg")]
    [InlineData(Fit.Crop)]
    [InlineData(Fit.Stretch)]
    [InlineData(Fit.Pad)]
    public async Task Every_fit_gives_the_models_size(Fit fit)
    {
        await using var rig = new CameraRig();
        var picture = new FrameSpec(TimeSpan.FromMilliseconds(125), new FrameSize(48, 40), fit);

        // Red in the left quarter, green elsewhere: where the red ends tells what was cut.
        var options = CameraRig.Source("lavfi:color=lime:size=160x90:rate=8:duration=0.5,drawbox=x=0:y=0:w=40:h=90:color=red:t=fill");
        await foreach (var frame in rig.Ffmpeg(options, picture).ReadAsync(0, CameraRig.Soon()))
        {
            using (frame)
            {
                Assert.Equal(picture.Size, frame.Size);
                var middle = frame.Pixels.Slice(20 * 48 * 3, 48 * 3).ToArray();
                var red = Enumerable.Range(0, 48).Count(x => middle[3 * x] > 128);
                Assert.Equal(fit == Fit.Crop ? 6 : 12, red, 1.0);
                Assert.Equal(fit == Fit.Pad, frame.Pixels[..3].ToArray().All(value => value < 32));
            }
        }
    }

    [NeedsFact("ffmpeg")]
    public async Task The_area_to_look_at_is_cut_before_scaling()
    {
        await using var rig = new CameraRig();
        var options = CameraRig.Source("lavfi:color=lime:size=160x90:rate=8:duration=0.5,drawbox=x=0:y=0:w=40:h=90:color=red:t=fill") with
        {
            Crop = new CropArea { Width = 0.25 },
        };
        await foreach (var frame in rig.Ffmpeg(options).ReadAsync(0, CameraRig.Soon()))
        {
            using (frame)
            {
                Assert.True(frame.Pixels[^3] > 200 && frame.Pixels[^2] < 60, "the lower right corner is red");
            }
        }
    }

    [NeedsFact("ffmpeg")]
    public async Task A_file_played_again_and_again_does_not_end()
    {
        await using var rig = new CameraRig();

        var times = await rig.TimesAsync(CameraRig.Source(Videos.Mp4) with { Loop = true }, most: 80);

        Assert.Equal(80, times.Count);
        Assert.True(times[^1] > TimeSpan.FromSeconds(9));
        Assert.Equal(times.Order(), times);
    }

    [NeedsFact("ffmpeg")]
    public async Task A_paced_file_takes_as_long_as_it_lasts()
    {
        await using var rig = new CameraRig();
        var began = TimeProvider.System.GetTimestamp();

        await rig.TimesAsync(CameraRig.Source("lavfi:testsrc2=size=64x36:rate=25:duration=1.5") with { Realtime = true });

        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 1.3, 3);
    }

    [NeedsFact("ffmpeg")]
    public async Task A_slow_reader_of_a_recorded_file_misses_nothing()
    {
        await using var rig = new CameraRig();
        var count = 0;
        await foreach (var frame in rig.Ffmpeg(CameraRig.Source(Videos.Mp4)).ReadAsync(0, CameraRig.Soon()))
        {
            frame.Dispose();
            count++;
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }

        Assert.Equal(32, count);
        Assert.Equal(0, rig.Meters.ForCamera("cam").DroppedCount);
    }

    [NeedsFact("ffmpeg")]
    public async Task A_missing_file_and_a_file_without_pictures_say_so()
    {
        await using var rig = new CameraRig();

        Assert.Equal(SourceFault.NotFound, (await rig.FaultAsync(CameraRig.Source("/nowhere/cam.mp4"))).Fault);
        Assert.Equal(SourceFault.NoVideo, (await rig.FaultAsync(CameraRig.Source(Videos.Sound))).Fault);
        Assert.Equal(SourceFault.NotFound, (await rig.FaultAsync(CameraRig.Source("v4l2:///dev/video99"))).Fault);
    }

    [NeedsFact("ffmpeg")]
    public async Task Damage_in_a_file_is_survived()
    {
        await using var rig = new CameraRig();
        var bytes = await File.ReadAllBytesAsync(Videos.MpegTs);
        var random = new Random(7);
        for (var i = 0; i < 400; i++)
        {
            bytes[random.Next(2000, bytes.Length)] ^= (byte)(1 << random.Next(8));
        }

        var times = await rig.TimesAsync(CameraRig.Source(Videos.Write("damaged.ts", bytes)));

        Assert.InRange(times.Count, 8, 40);
        Assert.Equal(times.Order(), times);
    }

    [NeedsFact("ffmpeg")]
    public async Task A_source_that_changes_its_size_goes_on_in_the_models_size()
    {
        await using var rig = new CameraRig();
        byte[] both = [.. await File.ReadAllBytesAsync(Videos.MpegTs), .. await File.ReadAllBytesAsync(Videos.LargerMpegTs)];

        var times = await rig.TimesAsync(CameraRig.Source(Videos.Write("changing.ts", both)));

        Assert.InRange(times.Count, 62, 66);
        Assert.Equal(times.Order(), times);
        Assert.InRange(times[^1].TotalSeconds, 7.7, 8.1);
    }

    [NeedsFact("ffmpeg")]
    public async Task A_file_of_noise_is_broken_and_a_hardware_that_is_missing_is_named()
    {
        await using var rig = new CameraRig();
        var noise = new byte[100_000];
        new Random(3).NextBytes(noise);

        var broken = await rig.FaultAsync(CameraRig.Source(Videos.Write("noise.mp4", noise)));
        Assert.Contains(broken.Fault, (SourceFault[])[SourceFault.Broken, SourceFault.NoVideo]);

        if (!Directory.Exists("/dev/dri"))
        {
            var refused = await rig.FaultAsync(CameraRig.Source(Videos.Mp4) with { Hwaccel = Hwaccel.Vaapi });
            Assert.Equal(SourceFault.Hwaccel, refused.Fault);
            Assert.Contains("/dev/dri", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(32, (await rig.TimesAsync(CameraRig.Source(Videos.Mp4) with { Hwaccel = Hwaccel.Auto })).Count);
    }

    [NeedsFact("ffmpeg", "shared")]
    public async Task Odd_containers_and_codecs_are_read()
    {
        await using var rig = new CameraRig();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Parts.Shared, "clips", "decoder")))
        {
            var times = await rig.TimesAsync(CameraRig.Source(file));
            Assert.True(times.Count > 5, $"{times.Count} frames in {file}");
        }
    }

    [Fact]
    public void No_ffmpeg_is_one_clear_message()
    {
        var missing = Assert.Throws<SourceException>(() => FfmpegTool.Find("/nowhere"));

        Assert.Equal(SourceFault.NoFfmpeg, missing.Fault);
        Assert.StartsWith("ffmpeg was not found on PATH (/nowhere); expected", missing.Message, StringComparison.Ordinal);
    }
}
