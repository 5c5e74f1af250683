using ActionStream.Ingest.Sources;

namespace ActionStream.Unit.Ingest.Sources;

public sealed class TcpAddressTests
{
    [Theory]
    [InlineData("rtsp://cam.local/live", "cam.local", 554)]
    [InlineData("RTSP://cam:8554", "cam", 8554)]
    [InlineData("rtsps://cam/x", "cam", 322)]
    [InlineData("http://10.0.0.7/video.mjpg?user=a&password=b", "10.0.0.7", 80)]
    [InlineData("https://cam/hls.m3u8", "cam", 443)]
    [InlineData("rtmp://cam/app", "cam", 1935)]
    [InlineData("rtsp://[fe80::1]:554/x", "fe80::1", 554)]
    [InlineData("rtsp://admin:p@ss:w0rd@cam:88/x", "cam", 88)]
    public void Host_and_port_are_where_ffmpeg_would_look(string url, string host, int port)
    {
        var address = TcpAddress.Of(new() { Url = url });
        Assert.Equal((host, port), (address!.Host, address.Port));
    }

    [Fact]
    public void A_greeting_is_the_first_request_of_every_RTSP_client_and_holds_no_password()
    {
        var greeting = TcpAddress.Of(new() { Url = "rtsp://admin:hunter2@cam:88/live/1?user=admin_password=hunter2" })!.Greeting!;
        Assert.StartsWith("OPTIONS rtsp://cam:88/live/1 RTSP/1.0\r\n", greeting, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", greeting, StringComparison.Ordinal);
        Assert.Null(TcpAddress.Of(new() { Url = "http://cam/" })!.Greeting);
    }

    [Theory]
    [InlineData("srt://cam:9000")]
    [InlineData("lavfi:testsrc2")]
    [InlineData("/clips/a.mp4")]
    [InlineData("v4l2:///dev/video0")]
    [InlineData("rtsp://cam:port/x")]
    [InlineData("rtsp://admin:pass/word@cam/x")]
    public void Who_listens_elsewhere_or_cannot_be_told_is_not_asked(string url) => Assert.Null(TcpAddress.Of(new() { Url = url }));

    [Fact]
    public void Input_arguments_may_change_who_connects_to_whom() =>
        Assert.Null(TcpAddress.Of(new() { Url = "rtsp://cam/x", InputArguments = ["-rtsp_flags", "listen"] }));
}
