using System.Text;
using ActionStream.Ingest.Ffmpeg;

namespace ActionStream.Unit.Ingest.Ffmpeg;

public sealed class FfmpegDamageTests
{
    [Theory]
    [InlineData("rtsp://cam/1: corrupt decoded frame in stream 0")]
    [InlineData("[h264 @ 0x5] error while decoding MB 6 9")]
    [InlineData("[h264 @ 0x5] corrupted macroblock 14 1 (total_coeff=16)")]
    [InlineData("[h264 @ 0x5] concealing 120 DC, 120 AC, 120 MV errors in P frame")]
    [InlineData("[h264 @ 0x5] left block unavailable for requested intra4x4 mode -1")]
    [InlineData("[rtsp @ 0x5] RTP: missed 3 packets")]
    [InlineData("[mpegts @ 0x5] Packet corrupt (stream = 0, dts = 601200).")]
    [InlineData("[hevc @ 0x5] Could not find ref with POC 12")]
    public void A_picture_that_was_decoded_with_errors_is_told(string line) =>
        Assert.True(FfmpegDamage.IsTold(Encoding.UTF8.GetBytes(line)), line);

    [Theory]
    [InlineData("[h264 @ 0x5] non-existing PPS 0 referenced")]
    [InlineData("[h264 @ 0x5] no frame!")]
    [InlineData("[swscaler @ 0x5] deprecated pixel format used, make sure you did set range correctly")]
    [InlineData("[mjpeg @ 0x5] EOI missing, emulating")]
    [InlineData("")]
    public void What_good_cameras_provoke_is_not(string line) => Assert.False(FfmpegDamage.IsTold(Encoding.UTF8.GetBytes(line)), line);

    [Fact]
    public void Whole_lines_are_counted_and_halves_are_not()
    {
        var tail = new StderrTail(keep: 3);
        Append("a\n[h264 @ 0x5] error while deco");
        Assert.Equal(0, tail.Complaints);
        Append("ding MB 6 9\nb\nc\nd\nx: corrupt decoded frame in stream 0\n");
        Assert.Equal(2, tail.Complaints);

        void Append(string text) => tail.Append(Encoding.UTF8.GetBytes(text));
    }

    [Fact]
    public void Pictures_count_as_damaged_from_a_complaint_on_for_a_while_and_each_further_one_prolongs_it()
    {
        var damage = new DamageSpan(TimeSpan.FromSeconds(1));
        long[] complaints = [5, 5, 6, 6, 6, 6, 6, 7, 7, 8, 8, 8, 8, 8, 8, 8]; // four pictures a second

        Assert.Equal(
            "..####.######...",
            string.Concat(complaints.Select((count, i) => damage.Covers(TimeSpan.FromMilliseconds(250 * i), count) ? '#' : '.')));
    }

    [Fact]
    public void What_was_said_before_the_first_picture_is_no_damage() =>
        Assert.False(new DamageSpan(TimeSpan.FromSeconds(1)).Covers(TimeSpan.Zero, 40));

    [Fact]
    public void A_stream_that_jumps_back_is_not_damaged_for_hours()
    {
        var damage = new DamageSpan(TimeSpan.FromSeconds(1));
        damage.Covers(TimeSpan.FromHours(1), 0);
        Assert.True(damage.Covers(TimeSpan.FromHours(1), 1));
        Assert.False(damage.Covers(TimeSpan.FromSeconds(1), 1));
    }
}
