using ActionStream.Ingest.Sources;

namespace ActionStream.Unit.Ingest.Sources;

public sealed class PlaylistTests
{
    [Theory]
    [InlineData("#EXTM3U\r\n#EXT-X-VERSION:3\r\n#EXT-X-TARGETDURATION:8\r\n#EXTINF:8,\r\na.ts\r\n", 8.0)]
    [InlineData("#EXTM3U\n#EXT-X-TARGETDURATION:2.5\n", 2.5)]
    [InlineData("#EXTM3U\n#EXT-X-TARGETDURATION:0\n", null)]
    [InlineData("#EXTM3U\n#EXT-X-TARGETDURATION:1e9\n", null)]
    [InlineData("<html>no</html>", null)]
    public void It_says_how_long_its_segments_are(string text, double? seconds) =>
        Assert.Equal(seconds, Playlist.TargetDuration(text)?.TotalSeconds);

    [Theory]
    [InlineData("low/index.m3u8", "http://u:p@cam/live/low/index.m3u8")]
    [InlineData("/x.m3u8?t=1", "http://u:p@cam/x.m3u8?t=1")]
    [InlineData("http://cam/x.m3u8", "http://u:p@cam/x.m3u8")]
    [InlineData("http://169.254.169.254/x.m3u8", null)] // another host is not asked
    [InlineData("https://cam/x.m3u8", null)]
    public void A_master_s_variant_is_asked_on_the_same_host_only(string variant, string? expected) => Assert.Equal(
        expected,
        Playlist.Variant(new("http://u:p@cam/live/master.m3u8"), $"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{variant}\n")?.ToString());

    [Fact]
    public async Task Whatever_goes_wrong_nobody_says()
    {
        Assert.Null(await Playlist.SegmentLengthAsync("http://127.0.0.1:1/live.m3u8", default));
        Assert.Null(await Playlist.SegmentLengthAsync("no address", default));
        Assert.Null(await Playlist.SegmentLengthAsync("http://127.0.0.1:1/live.m3u8", new CancellationToken(canceled: true)));
    }
}
