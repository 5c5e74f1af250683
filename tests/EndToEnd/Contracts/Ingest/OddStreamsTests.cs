using ActionStream.Core.Media;
using ActionStream.EndToEnd.Support;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Probing;
using ActionStream.Ingest.Sources;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.EndToEnd.Contracts.Ingest;

/// <summary>Streams as cameras send them and no standard wants them, through real ffmpeg.</summary>
public sealed class OddStreamsTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(125);

    [NeedsFact("ffmpeg")]
    public async Task Time_that_jumps_back_goes_on_behind_a_gap()
    {
        await using var rig = new CameraRig();
        foreach (var (video, jumps) in ((string, int)[])[(Videos.TimeJumpsBack, 2), (Videos.MpegTsAgain, 2)])
        {
            var gaps = Gaps(await rig.TimesAsync(CameraRig.Source(video)));
            Assert.True(gaps.Count is > 80 and < 100, $"{gaps.Count} frames of {video}: time stood still");
            Assert.Equal(jumps, gaps.Count(gap => gap > 3 * Interval)); // longer than a clip bridges
            Assert.All(gaps, gap => Assert.InRange(gap.TotalSeconds, 0.03, 1));
        }
    }

    [NeedsFact("ffmpeg")]
    public async Task Time_that_jumps_an_hour_ahead_is_a_gap()
    {
        await using var rig = new CameraRig();
        var gaps = Gaps(await rig.TimesAsync(CameraRig.Source(Videos.TimeJumpsAhead)));
        Assert.Equal(3600, Assert.Single(gaps, gap => gap > 3 * Interval).TotalSeconds, 1.0);
    }

    [NeedsFact("ffmpeg")]
    public async Task Thirty_three_bits_of_time_that_run_out_are_no_gap_at_all()
    {
        await using var rig = new CameraRig();
        var times = await rig.TimesAsync(CameraRig.Source(Videos.TimeWraps));
        Assert.Equal(32, times.Count);
        Assert.All(Gaps(times), gap => Assert.InRange(gap.TotalMilliseconds, 80, 160));
    }

    [NeedsFact("ffmpeg")]
    public async Task Another_size_and_another_pixel_format_are_noticed_and_frames_go_on()
    {
        await using var rig = new CameraRig();
        var (count, began) = (0, new List<double>());
        var paced = CameraRig.Source(Videos.SizeChanges) with { Realtime = true };
        await foreach (var frame in rig.Ffmpeg(paced).ReadAsync(0, CameraRig.Soon(30)))
        {
            using (frame)
            {
                count++;
                if (frame.BeginsFormat)
                {
                    began.Add(frame.Time.Presentation.TotalSeconds);
                }
            }
        }

        Assert.InRange(count, 46, 50);
        Assert.Equal(2, began.Count);
        Assert.Equal(2, began[0], 0.5);
        Assert.Equal(4, began[1], 0.5);
    }

    [NeedsFact("ffmpeg")]
    public async Task What_was_sent_before_the_first_key_frame_is_never_seen()
    {
        await using var rig = new CameraRig();
        var times = await rig.TimesAsync(CameraRig.Source(Videos.JoinedInTheMiddle));
        Assert.Equal(32, times.Count); // four of the six seconds: the thirty frames that only a missing key frame explains are gone
    }

    [NeedsFact("ffmpeg")]
    public async Task A_still_before_the_film_is_passed_over()
    {
        await using var rig = new CameraRig();
        foreach (var video in (string[])[Videos.StillFirst, Videos.CoverFirst])
        {
            var source = CameraRig.Source(video);
            var count = 0;
            var film = FfmpegSource.Film(source, number => new(
                "cam", source, CameraRig.Small, rig.Environment, rig.Meters.ForCamera("cam"), NullLogger<FfmpegSource>.Instance,
                video: number));
            await foreach (var frame in film.ReadAsync(0, CameraRig.Soon()))
            {
                frame.Dispose();
                count++;
            }

            Assert.Equal(32, count);
        }
    }

    [NeedsFact("ffmpeg", "rtsp")]
    public async Task A_camera_whose_next_key_frame_is_seconds_away_is_waited_for_and_told()
    {
        await using var rig = new CameraRig();
        using var server = new RtspServer(Videos.RareKeys);
        await server.StartAsync();
        var options = CameraRig.Source(server.Url()) with
        {
            Realtime = true,
            ConnectTimeout = TimeSpan.FromSeconds(1),
            StallTimeout = TimeSpan.FromSeconds(1),
        };

        // Somebody else watches already, so that the stream goes on and we join in its middle.
        await using var first = rig.Ffmpeg(options).ReadAsync(0, CameraRig.Soon(40)).GetAsyncEnumerator();
        Assert.True(await first.MoveNextAsync());
        first.Current.Dispose();
        var told = 0;
        var guard = StallGuard.For(rig.Ffmpeg(options), options, Interval, TimeProvider.System, lacksKeyFrame: () => told++);
        await using var second = guard.ReadAsync(1, CameraRig.Soon(40)).GetAsyncEnumerator();
        Assert.True(await second.MoveNextAsync());
        second.Current.Dispose();
        Assert.Equal(1, told);

        // Neither does probe take it for one that does not answer.
        var report = await new SourceProbe(rig.Environment, TimeSpan.FromSeconds(2)).LookAsync(
            options with { ConnectTimeout = TimeSpan.FromSeconds(3) }, CameraRig.Small, CameraRig.Soon(40));
        Assert.True(report.Packets.Packets.Count > 10, $"{report.Packets.Packets.Count} packets");
    }

    private static List<TimeSpan> Gaps(List<TimeSpan> times) => [.. times.Zip(times.Skip(1), (a, b) => b - a)];
}
