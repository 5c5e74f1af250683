using ActionStream.Core.Configuration;

namespace ActionStream.Unit.Core.Configuration;

public sealed class SafeUriTests
{
    [Theory]
    [InlineData("rtsp://admin:hunter2@10.0.0.5/s", "rtsp://***@10.0.0.5/s")]
    [InlineData("rtsp://admin:p@ss@cam:554/s?x=1", "rtsp://***@cam:554/s?x=1")]
    [InlineData("http://cam/video?user=a&password=hunter2&n=1", "http://cam/video?user=a&password=***&n=1")]
    [InlineData("srt://host:9000?passphrase=hunter2", "srt://host:9000?passphrase=***")]
    [InlineData(
        "[rtsp @ 0x55] method DESCRIBE failed for rtsp://u:hunter2@h/s: 401",
        "[rtsp @ 0x55] method DESCRIBE failed for rtsp://***@h/s: 401")]
    [InlineData("rtsp://cam/plain", "rtsp://cam/plain")]
    public void A_password_never_survives(string text, string safe) => Assert.Equal(safe, SafeUri.Scrub(text));
}
