using ActionStream.Ingest.Onvif;

namespace ActionStream.Unit.Ingest.Onvif;

public sealed class OnvifAddressTests
{
    [Theory]
    [InlineData("http://cam/onvif/device_service", "http://cam/onvif/device_service")]
    [InlineData("https://cam", "https://cam/onvif/device_service")]
    [InlineData("cam:8899", "http://cam:8899/onvif/device_service")]
    [InlineData("http://cam:80", "http://cam/onvif/device_service")]
    [InlineData("[::1]:8899", "http://[::1]:8899/onvif/device_service")]
    public void An_address_with_a_path_or_a_port_is_one_place(string typed, string place) =>
        Assert.Equal([new Uri(place)], OnvifAddress.Parse(typed)!.Places);

    [Theory]
    [InlineData("cam")]
    [InlineData("10.0.0.7")]
    [InlineData("admin:pass%2Fword@cam")]
    public void A_host_alone_is_asked_at_the_usual_places(string typed) =>
        Assert.Equal([80, 8000, 8080, 2020], OnvifAddress.Parse(typed)!.Places.Select(place => place.Port));

    [Fact]
    public void The_login_is_taken_out_and_decoded()
    {
        var address = OnvifAddress.Parse("http://ad%20min:hunter2%2Fsecret@cam/onvif/device_service")!;
        Assert.Equal(("ad min", "hunter2/secret"), (address.Login!.User, address.Login.Password.Reveal()));
        Assert.DoesNotContain("hunter2", $"{address} {address.Places[0]} {address.Login}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rtsp://cam/1")]
    [InlineData("http://")]
    [InlineData("cam era")]
    [InlineData("")]
    [InlineData("http://admin:pass/word@cam.local/")]
    public void What_is_no_such_address_is_none(string typed) => Assert.Null(OnvifAddress.Parse(typed));
}
