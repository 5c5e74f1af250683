using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Sources;

namespace ActionStream.Unit.Ingest.Ffmpeg;

public sealed class FfmpegFaultsTests
{
    [Fact]
    public void The_name_of_what_hides_an_address_tells_nobody_anything() => Assert.Equal(
        "rtsp://***@cam/1 refused the connection (ffmpeg: Connection refused)",
        FfmpegFaults.Read("rtsp://***@cam/1", isLive: true, 1, wasCutOff: false, ["pipe:0: Connection refused"])!.Message);

    [Theory]
    [InlineData(SourceFault.Unauthorized, "[rtsp @ 0x5] method DESCRIBE failed: 401 Unauthorized")]
    [InlineData(SourceFault.NotFound, "[rtsp @ 0x5] method DESCRIBE failed: 404 Not Found")]
    [InlineData(SourceFault.NotFound, "file:/x.mp4: No such file or directory")]
    [InlineData(SourceFault.Refused, "[tcp @ 0x5] Connection to tcp://10.0.0.5:554 failed: Connection refused")]
    [InlineData(SourceFault.Unreachable, "[tcp @ 0x5] Failed to resolve hostname cam: Name or service not known")]
    [InlineData(SourceFault.Unreachable, "rtsp://cam/1: No route to host")]
    [InlineData(SourceFault.Timeout, "rtsp://cam/1: Connection timed out")]
    [InlineData(SourceFault.NoVideo, "Stream map '0:v:0' matches no streams.")]
    [InlineData(SourceFault.Permission, "/dev/video0: Permission denied")]
    [InlineData(SourceFault.Busy, "[video4linux2 @ 0x5] ioctl(VIDIOC_STREAMON): Device or resource busy")]
    [InlineData(SourceFault.Hwaccel, "Device creation failed: -542398533.")]
    [InlineData(SourceFault.Codec, "gopher://x: Protocol not found")]
    [InlineData(SourceFault.Broken, "x.mp4: Invalid data found when processing input")]
    public void The_last_words_tell_the_cause(SourceFault expected, string line)
    {
        var fault = FfmpegFaults.Read("cam", isLive: true, exitCode: 1, wasCutOff: false, ["some warning", line]);

        Assert.Equal(expected, fault!.Fault);
        Assert.DoesNotContain("0x5", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_good_end_is_the_end_of_a_file_and_the_loss_of_a_camera()
    {
        Assert.Null(FfmpegFaults.Read("cam", isLive: false, exitCode: 0, wasCutOff: false, []));
        Assert.Equal(SourceFault.Disconnected, FfmpegFaults.Read("cam", isLive: true, 0, false, [])!.Fault);
        Assert.Equal(SourceFault.Broken, FfmpegFaults.Read("cam", isLive: false, 0, wasCutOff: true, [])!.Fault);
    }

    [Theory]
    [InlineData(137)]
    [InlineData(139)]
    public void A_signal_is_a_crash(int exitCode) =>
        Assert.Equal(SourceFault.Crashed, FfmpegFaults.Read("cam", true, exitCode, true, ["401 Unauthorized"])!.Fault);

    [Fact]
    public void A_code_that_may_be_a_signal_or_an_error_number_is_told_apart_by_the_last_words()
    {
        // 256 - EHOSTUNREACH (113) = 128 + SIGTERM (15): newer ffmpeg ends with the low byte of its error.
        Assert.Equal(SourceFault.Unreachable, FfmpegFaults.Read("cam", true, 143, true, ["tcp: No route to host"])!.Fault);
        Assert.Equal(SourceFault.Crashed, FfmpegFaults.Read("cam", true, 143, true, [])!.Fault);
        Assert.Equal(SourceFault.Broken, FfmpegFaults.Read("cam", true, 183, true, ["Invalid data found when processing input"])!.Fault);
    }

    [Fact]
    public void Frames_that_are_too_large_are_named_with_their_size_whatever_the_exit_code()
    {
        string[] lines =
        [
            "[mjpeg @ 0x5] [IMGUTILS @ 0x7] Picture size 16000x16000 exceeds specified max pixel count 40000000, see the documentation",
            "[mjpeg @ 0x5] get_buffer() failed", "Output file is empty, nothing was encoded",
        ];
        foreach (var code in (int[])[0, 1])
        {
            var fault = FfmpegFaults.Read("cam", isLive: false, code, wasCutOff: false, lines, gaveFrames: false)!;
            Assert.Equal((SourceFault.TooLarge, "too_large"), (fault.Fault, fault.Fault.Label));
            Assert.Contains("cam sends frames of 16000x16000, more pixels than max_pixels allows", fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Memory_that_a_child_did_not_get_is_named()
    {
        var fault = FfmpegFaults.Read("cam", isLive: true, 1, wasCutOff: false, [
            "[mjpeg @ 0x55e7] get_buffer() failed", "Error while decoding stream #0:0: Operation not permitted",
            "Error initializing output stream 0:0 -- Error while opening encoder for output stream #0:0"], gaveFrames: false)!;
        Assert.Equal((SourceFault.Memory, "memory"), (fault.Fault, fault.Fault.Label));
        Assert.Contains("decoder_memory", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_broken_frame_that_claims_a_size_is_no_refusal_of_a_stream_that_gave_frames()
    {
        const string Line = "[h264 @ 0x5] [IMGUTILS @ 0x7] Picture size 16000x16000 exceeds specified max pixel count 40000000";

        Assert.Null(FfmpegFaults.Refusal("cam", [Line], gaveFrames: true));
        Assert.Equal(SourceFault.TooLarge, FfmpegFaults.Refusal("cam", [Line], gaveFrames: false)?.Fault);
        Assert.Equal(SourceFault.TooLarge, FfmpegFaults.Refusal("cam", [Line, Line, Line], gaveFrames: true)?.Fault);
        Assert.Null(FfmpegFaults.Read("cam", isLive: false, 0, wasCutOff: false, [Line]));
    }
}
