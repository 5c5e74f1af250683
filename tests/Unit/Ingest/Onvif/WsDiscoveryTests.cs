using System.Net;
using System.Text;
using ActionStream.Ingest.Onvif;
using ActionStream.Support;

namespace ActionStream.Unit.Ingest.Onvif;

public sealed class WsDiscoveryTests
{
    private static readonly IPAddress Sender = IPAddress.Parse("127.0.0.7");

    [Fact]
    public void Of_several_addresses_the_one_that_answered_is_taken() => Assert.Equal(
        new DiscoveredDevice("urn:uuid:1", new("http://127.0.0.7:8080/onvif/device_service"), "Front Door"),
        Assert.Single(Read("http://[fe80::1]/onvif/device_service http://127.0.0.7:8080/onvif/device_service",
            "onvif://www.onvif.org/type/video onvif://www.onvif.org/name/Front%20Door")));

    [Theory]
    [InlineData("http://169.254.1.1/onvif/device_service", "http://127.0.0.7/onvif/device_service")]
    [InlineData("http://bank.example/x", "http://127.0.0.7/x")]
    public void An_address_elsewhere_becomes_the_one_that_answered(string named, string taken) =>
        Assert.Equal(new Uri(taken), Assert.Single(Read(named, "")).Service);

    [Theory]
    [InlineData("")]
    [InlineData("file:///etc/passwd")]
    [InlineData("not an address")]
    public void An_answer_without_an_address_is_none(string named) => Assert.Empty(Read(named, ""));

    [Fact]
    public void Anything_else_that_comes_is_passed_over() => Assert.Empty(WsDiscovery.Read("hello"u8.ToArray(), Sender));

    [Fact]
    public void The_call_asks_for_transmitters_of_video_with_a_new_number_each_time()
    {
        var (one, other) = (WsDiscovery.Probe(Guid.NewGuid()), WsDiscovery.Probe(Guid.NewGuid()));
        Assert.NotEqual(one, other);
        Assert.Contains("dn:NetworkVideoTransmitter", Encoding.UTF8.GetString(one), StringComparison.Ordinal);
    }

    private static IReadOnlyList<DiscoveredDevice> Read(string addresses, string scopes) =>
        WsDiscovery.Read(Encoding.UTF8.GetBytes(OnvifBeacon.Matches("uuid:1", "urn:uuid:1", addresses, scopes)), Sender);
}
