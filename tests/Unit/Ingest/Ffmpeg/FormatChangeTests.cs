using System.Text;
using ActionStream.Ingest.Ffmpeg;

namespace ActionStream.Unit.Ingest.Ffmpeg;

public sealed class FormatChangeTests
{
    [Fact]
    public void The_filter_s_second_beginning_is_a_change_and_none_of_its_lines_a_complaint()
    {
        var tail = new StderrTail();
        Say(tail, "frame:0    pts:0       pts_time:0\nfirst=1\n");
        Assert.Null(tail.FormatChangedAt);
        Say(tail, "[h264] concealing 3 errors\nframe:0    pts:45120000 pts_time:37.6\nfirst=1\n");

        Assert.Equal(TimeSpan.FromSeconds(37.6), tail.FormatChangedAt);
        Assert.Equal(["[h264] concealing 3 errors"], tail.Lines);
        Assert.Equal(1, tail.Count);
    }

    [Fact]
    public void The_first_packets_are_counted_and_no_complaint()
    {
        var tail = new StderrTail();
        Say(tail, "#software: Lavf59.27.100\n#tb 0: 1/90000\n#media_type 0: video\n#codec_id 0: h264\n#dimensions 0: 0x0\n#sar 0: 0/1\n");
        Assert.Equal(0, tail.Packets);
        Say(tail, "0,          0,          0,     3600,    12345, 0x5d1b3c2a, F=0x0\nrtsp://cam: 401 Unauthorized\n");

        Assert.Equal(1, tail.Packets);
        Assert.Equal(["rtsp://cam: 401 Unauthorized"], tail.Lines);
    }

    [Fact]
    public void The_first_frame_of_another_format_is_marked_and_no_other()
    {
        var span = new FormatSpan();
        Assert.False(span.Begins(TimeSpan.FromSeconds(1), null));
        Assert.False(span.Begins(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3))); // told ahead of its frame
        Assert.True(span.Begins(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3)));
        Assert.False(span.Begins(TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(3)));
        Assert.True(span.Begins(TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(8)));
    }

    private static void Say(StderrTail tail, string text) => tail.Append(Encoding.UTF8.GetBytes(text));
}
