using ActionStream.Core.Media;
using ActionStream.Ingest.Probing;

namespace ActionStream.Unit.Ingest.Probing;

public sealed class SourceFactsTests
{
    [Fact]
    public void What_ffprobe_says_is_read() => Assert.Equal(
        new SourceFacts("h264", "High", "yuv420p", new FrameSize(640, 360), 29.97),
        SourceFacts.Read("""
            {"programs": [], "streams": [{"codec_name": "h264", "profile": "High", "width": 640, "height": 360, "pix_fmt": "yuv420p",
              "r_frame_rate": "30000/1001", "avg_frame_rate": "30000/1001"}]}
            """));

    [Fact]
    public void What_it_leaves_out_is_not_made_up()
    {
        var facts = SourceFacts.Read("""{"streams": [{"codec_name": "mjpeg", "r_frame_rate": "90000/1", "avg_frame_rate": "0/0"}]}""")!;
        Assert.Null(facts.NominalFps); // a time base is no rate
        Assert.Null(facts.Profile);
    }

    [Fact]
    public void No_stream_is_no_facts() => Assert.Null(SourceFacts.Read("""{"streams": []}"""));
}
