using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Recording;

namespace ActionStream.Unit.Ingest.Recording;

public sealed class RecordingArgumentsTests
{
    [Fact]
    public void Pieces_come_through_a_pipe_and_are_joined_without_decoding() => Assert.Equal(
        "-nostdin -hide_banner -nostats -loglevel error -y -f nut -i pipe:0"
            + " -map 0:v:0 -c copy -video_track_timescale 90000 -movflags +faststart -f mp4 /media/a.mp4.part",
        string.Join(' ', RecordingArguments.Join("/media/a.mp4.part")));

    [Theory]
    [InlineData("H264", true)]
    [InlineData("HEVC", true)]
    [InlineData("mp4v", true)]
    [InlineData("MJPG", true)]
    [InlineData("mpg2", true)]
    [InlineData("AV01", true)]
    [InlineData("VP80", false)]
    [InlineData("WMV2", false)]
    public void A_coding_that_MP4_has_no_place_for_is_told_from_the_others(string fourCc, bool isCarried)
    {
        var letters = BitConverter.ToUInt32([.. fourCc.Select(letter => (byte)letter)]);

        Assert.Equal(isCarried, RecordingArguments.Carries(new(letters, new(320, 180), 0, default, (1, 90_000))));
        Assert.Equal(fourCc, RecordingArguments.LettersOf(letters));
    }

    [Fact]
    public void What_a_stream_calls_its_coding_cannot_break_a_line_of_the_log() =>
        Assert.Equal("a..z", RecordingArguments.LettersOf('a' | ('\n' << 8) | (0x1B << 16) | ('z' << 24)));
}
