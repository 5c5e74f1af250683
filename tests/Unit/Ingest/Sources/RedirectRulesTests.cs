using System.Net;
using System.Text;
using ActionStream.Ingest.Sources;

namespace ActionStream.Unit.Ingest.Sources;

public sealed class RedirectRulesTests
{
    [Theory]
    [InlineData("http://10.0.0.5/live", "10.0.0.5", 80, true)]
    [InlineData("http://10.0.0.5/live", "10.0.0.5", 8080, true)]
    [InlineData("http://10.0.0.5/live", "10.0.0.6", 80, false)]
    [InlineData("http://10.0.0.5/live", "127.0.0.1", 80, false)]
    [InlineData("http://10.0.0.5/live", "cdn.example.com", 443, true)]
    [InlineData("http://10.0.0.5/live", "a.b.example.org", 443, true)]
    [InlineData("http://10.0.0.5/live", "example.org.evil.test", 443, false)]
    [InlineData("http://10.0.0.5/live", "evilexample.org", 443, false)]
    [InlineData("http://cam.lan/live", "CAM.lan.", 80, true)]
    [InlineData("http://[fd00::5]/live", "[fd00::5]", 80, true)]
    [InlineData("https://[2001:DB8::0001]/live", "2001:db8::1", 443, true)]
    [InlineData("https://[2001:DB8::0001]/live", "[2001:db8:0::2]", 443, false)]
    [InlineData("https://kamera-süd.example.net/live", "kamera-süd.example.net", 443, true)]
    [InlineData("https://kamera-süd.example.net/live", "xn--kamera-sd-x9a.example.net", 443, true)]
    [InlineData("http://10.0.0.5/live", "xn--bcher-kva.example.com", 443, true)]
    [InlineData("http://10.0.0.5/live", "10.0.0.05", 80, true)]
    [InlineData("http://127.0.0.1:8888/live", "127.0.0.1", 8888, true)]
    [InlineData("http://127.0.0.1:8888/live", "127.0.0.1", 9464, false)]
    public void Only_the_camera_itself_and_hosts_that_were_named(string camera, string host, int port, bool isAllowed) =>
        Assert.Equal(
            isAllowed,
            new RedirectRules(new Uri(camera), ["cdn.example.com", "*.example.org", "bücher.example.com"]).Allows(host, port));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.8.8.8")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("fe80::1")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    public void No_name_leads_to_this_machine_or_its_link_unless_the_camera_is_there(string address)
    {
        var rules = new RedirectRules(new Uri("http://edge1:8888/live"), ["cdn.example.com"]);
        Assert.False(rules.Allows("cdn.example.com", 443, IPAddress.Parse(address)));
        Assert.False(rules.Allows("edge1", 9464, IPAddress.Parse(address)));
        Assert.True(rules.Allows("edge1", 8888, IPAddress.Parse(address)));
        Assert.True(rules.Allows("cdn.example.com", 443, IPAddress.Parse("192.0.2.7")));
    }

    [Fact]
    public void A_request_reaches_the_camera_as_a_camera_knows_it()
    {
        var head = HttpHead.Parse(
            "GET http://cam:81/a%2fb?c=d HTTP/1.1\r\nHost: cam:81\r\nConnection: keep-alive\r\nProxy-Authorization: x\r\nRange: bytes=0-",
            Encoding.ASCII.GetBytes("rest"))!;
        Assert.Equal(("cam", 81, false), (head.Host, head.Port, head.IsTunnel));
        Assert.Equal("GET /a%2fb?c=d HTTP/1.1\r\nHost: cam:81\r\nRange: bytes=0-\r\nConnection: close\r\n\r\n", head.Forwarded);
        Assert.Equal(("cam", 443, true), HttpHead.Parse("CONNECT cam:443 HTTP/1.1", default) is { } tunnel
            ? (tunnel.Host, tunnel.Port, tunnel.IsTunnel)
            : default);
        Assert.Equal("süd.lan", HttpHead.Parse(Encoding.Latin1.GetString("CONNECT süd.lan:443 HTTP/1.1"u8), default)!.Host);
        Assert.Null(HttpHead.Parse("GET /relative HTTP/1.1", default));
        Assert.Null(HttpHead.Parse("GET ftp://cam/ HTTP/1.1", default));
    }
}
