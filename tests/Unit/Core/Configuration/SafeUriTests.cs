using System.Globalization;
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
    [InlineData("rtsp://u:a/b#c?d@cam.lan/s said no", "rtsp://***@cam.lan/s said no")]
    [InlineData("Authorization: Basic dTpwdw==", "Authorization: Basic ***")]
    public void A_password_never_survives(string text, string safe) => Assert.Equal(safe, SafeUri.Scrub(text));

    [Theory]
    [InlineData("rtsp://10.0.0.5:554/user=admin_password=tlJwpbo6_channel=1_stream=0.sdp?real_stream",
        "rtsp://10.0.0.5:554/user=admin_password=***_channel=1_stream=0.sdp?real_stream", "tlJwpbo6")]
    [InlineData("rtsp://10.0.0.5/user=admin&password=Qx/7y?z&channel=1", "rtsp://10.0.0.5/user=admin&password=***&channel=1", "Qx/7y?z")]
    [InlineData("http://cam/videostream.cgi?loginuse=admin&loginpas=W9rtz", "http://cam/videostream.cgi?loginuse=admin&loginpas=***", "W9rtz")]
    [InlineData("http://cam/v.cgi?usr=a&psw=W8rtz&x=1", "http://cam/v.cgi?usr=a&psw=***&x=1", "W8rtz")]
    [InlineData("rtsp://cam/live?user=a&pwd=ab_W7rtz", "rtsp://cam/live?user=a&pwd=***", "ab_W7rtz")]
    [InlineData("rtsp://nvr:7447/5acfb1b2fe3c1c7ddc8a", "rtsp://nvr:7447/***", "5acfb1b2fe3c1c7ddc8a")]
    [InlineData("http://cam/s?flavour=k3yk3yk3y", "http://cam/s?flavour=***", "k3yk3yk3y")]
    [InlineData("rtsp://u:W6%23rt%2fz@10.0.0.5/s", "rtsp://***@10.0.0.5/s", "W6#rt/z")]
    [InlineData("rtsp://u:W5#rt/z@10.0.0.5/s", "rtsp://***@10.0.0.5/s", "W5#rt/z")]
    [InlineData("rtsp://u:12/W4rtz@10.0.0.5/s", "rtsp://***@10.0.0.5/s", "12/W4rtz")]
    [InlineData("rtsp://u:q@r/W3rtz@10.0.0.5/s", "rtsp://***@10.0.0.5/s", "q@r/W3rtz")]
    public void What_an_address_keeps_secret_is_hidden_there_and_everywhere_else(string address, string safe, string secret)
    {
        Assert.Equal(safe, SafeUri.Of(address));
        Assert.Equal("it said *** twice", SafeUri.Scrub($"it said {secret} twice"));
    }

    [Theory]
    [InlineData("rtsp://10.0.0.5:554/cam/realmonitor?channel=1&subtype=0")]
    [InlineData("rtsp://192.168.1.4:554/h264Preview_01_main")]
    [InlineData("rtsp://cam:554/Streaming/Channels/101")]
    [InlineData("http://cam/axis-cgi/mjpg/video.cgi?resolution=640x480&fps=10")]
    public void What_is_no_secret_stays(string address) => Assert.Equal(address, SafeUri.Of(address));

    [Theory]
    [InlineData("rtsp://u:a#b@10.0.0.5/s", "has '#' in its user or password, where the address would end; write %23 for '#'")]
    [InlineData("rtsp://u:a/b?c@cam.lan:554/s", "has '/' and '?' in its user or password, where the address would end; "
        + "write %2F for '/' and %3F for '?'")]
    [InlineData("rtsp://u:a%23b@10.0.0.5/s", null)]
    [InlineData("rtsp://u:a@b:c@10.0.0.5/s", null)]
    [InlineData("rtsp://u:a@10.0.0.5/live@1", null)]
    [InlineData("rtsp://10.0.0.5:554/x?mail=a@b.org", null)]
    [InlineData("rtsp://cam:554/x?mail=a@b.org", null)]
    [InlineData("rtsp://[fe80::1]:554/x@y.z", null)]
    [InlineData("lavfi:testsrc2", null)]
    public void Letters_that_would_end_a_login_are_named(string address, string? why) => Assert.Equal(why, SafeUri.WhyMisread(address));

    [Theory]
    [InlineData("rtsp://admin:{0}@10.0.0.5:554/live")]
    [InlineData("rtsp://admin:{0}@cam/live@1")]
    [InlineData("http://10.0.0.5/cgi?user=admin&pwd={0}&channel=1")]
    [InlineData("http://10.0.0.5/cgi?loginuse=admin&loginpas={0}")]
    [InlineData("rtsp://10.0.0.5/user=admin_password={0}_channel=1_stream=0.sdp?real_stream")]
    [InlineData("rtsp://10.0.0.5/user=admin&password={0}&channel=1")]
    [InlineData("srt://10.0.0.5:9000?streamid={0}&latency=20")]
    [InlineData("rtmp://10.0.0.5/app?token={0}")]
    public void No_password_survives_in_any_shape_of_address_or_in_what_another_program_says_of_it(string shape)
    {
        var random = new Random(44);
        const string Letters = "abcdefXYZ0123456789 #/?@:&%+=!$'()*,;[]~_-.äß€";
        for (var round = 0; round < 500; round++)
        {
            var password = "Qz" + string.Concat(Enumerable.Range(0, random.Next(4, 16)).Select(_ => Letters[random.Next(Letters.Length)]));
            var encoded = Uri.EscapeDataString(password);
            var address = string.Format(CultureInfo.InvariantCulture, shape, encoded);
            Assert.Null(SafeUri.WhyMisread(address));
            string[] outputs =
            [
                SafeUri.Of(address),
                SafeUri.Scrub($"[rtsp @ 0x5] method DESCRIBE failed for {address}: 401"),
                SafeUri.Scrub($"GET {address[address.IndexOfAny(['/', '?'], 8)..]} HTTP/1.1"),
                SafeUri.Scrub($"password {password} refused"),
                SafeUri.Scrub(Uri.UnescapeDataString(address)),
            ];
            Assert.All(outputs, output => Assert.False(
                output.Contains(password, StringComparison.Ordinal) || output.Contains(encoded, StringComparison.OrdinalIgnoreCase),
                $"{password} of {address} stands in: {output}"));
        }
    }

    [Fact]
    public void Arguments_give_away_no_secret()
    {
        SafeUri.Learn(["-headers", "Authorization: Basic dTp6cTc3\r\nX: y", "-passphrase", "zqpassphrase"]);
        Assert.Equal("got *** and ***", SafeUri.Scrub("got dTp6cTc3 and zqpassphrase"));
    }
}
