using System.Text;
using ActionStream.Ingest.Ffmpeg;

namespace ActionStream.Unit.Ingest.Ffmpeg;

public sealed class StderrTailTests
{
    [Fact]
    public void It_keeps_the_last_lines_counts_all_and_hides_passwords()
    {
        var tail = new StderrTail(keep: 3);
        Append(tail, "one\ntwo\rthree\n\nrtsp://u:hunter2@cam/1: no");

        Assert.Equal(["two", "three", "rtsp://***@cam/1: no"], tail.Lines);
        Assert.Equal(3, tail.Count);
        Append(tail, "thing\nfive\n");
        Assert.Equal(["three", "rtsp://***@cam/1: nothing", "five"], tail.Lines);
    }

    [Fact]
    public void Lines_of_our_own_filters_are_left_out_and_spoil_no_other()
    {
        var tail = new StderrTail(keep: 3);
        Append(tail, "the first of three\ntwo\nthree\n");
        Append(tail, "frame:0    pts:0       pts_time:0\nfirst=1\n");

        Assert.Equal(["the first of three", "two", "three"], tail.Lines);
    }

    [Fact]
    public void A_line_without_end_stays_bounded()
    {
        var tail = new StderrTail();
        for (var i = 0; i < 1000; i++)
        {
            Append(tail, new string('x', 1000));
        }

        Assert.InRange(Assert.Single(tail.Lines).Length, 1, 400);
    }

    private static void Append(StderrTail tail, string text) => tail.Append(Encoding.UTF8.GetBytes(text));
}
