using ActionStream.Core.Configuration;
using ActionStream.Core.Media;
using ActionStream.Ingest.Onvif;
using ActionStream.Ingest.Sources;
using ActionStream.Support;

namespace ActionStream.Unit.Ingest.Onvif;

/// <summary>The client against a camera that speaks the standard's SOAP.</summary>
public sealed class OnvifDeviceTests
{
    private static readonly OfferedStream[] Streams =
    [
        new("main", 1280, 720, 25, 3000, "rtsp://127.0.0.1:8554/main?a=1&b=2"),
        new("sub", 640, 360, 15, 512, "rtsp://127.0.0.1:8554/sub"),
    ];

    [Theory]
    [InlineData(OnvifLoginKind.None, 0, false, false)]
    [InlineData(OnvifLoginKind.UsernameToken, 0, false, false)]
    [InlineData(OnvifLoginKind.UsernameToken, -9_000, false, false)] // its clock is hours off
    [InlineData(OnvifLoginKind.UsernameToken, 0, true, false)]
    [InlineData(OnvifLoginKind.HttpDigest, 0, false, false)]
    [InlineData(OnvifLoginKind.HttpDigest, 0, true, false)]
    [InlineData(OnvifLoginKind.UsernameToken, 0, false, true)]
    public async Task Its_streams_are_listed_whatever_login_it_wants_and_however_old_it_is(
        OnvifLoginKind kind, int clockOff, bool isOld, bool isMedia2)
    {
        using var camera = new OnvifCamera(Streams)
        {
            Kind = kind,
            ClockOffset = TimeSpan.FromSeconds(clockOff),
            IsOld = isOld,
            IsMedia2 = isMedia2,
        };
        using var device = await OpenAsync(camera, camera.Password);
        var profiles = await device.ProfilesAsync(CancellationToken.None);
        Assert.Equal(
            [
                new("main", "main", "lens0", "h264", new FrameSize(1280, 720), 25, 3_000_000, Streams[0].Uri),
                new("sub", "sub", "lens0", "h264", new FrameSize(640, 360), 15, 512_000, Streams[1].Uri),
            ],
            profiles);
        Assert.Equal(("ACME", "CAM-1"), await device.NameAsync(CancellationToken.None));
        Assert.NotNull(device.Events);
        Assert.Empty(camera.Complaints);
    }

    [Theory]
    [InlineData(OnvifLoginKind.UsernameToken)]
    [InlineData(OnvifLoginKind.HttpDigest)]
    public async Task A_wrong_password_is_said_and_tried_no_more_than_twice(OnvifLoginKind kind)
    {
        using var camera = new OnvifCamera(Streams) { Kind = kind };
        var refused = await Assert.ThrowsAsync<SourceException>(() => OpenAsync(camera, "hunter3-wrong"));
        Assert.Equal(SourceFault.Unauthorized, refused.Fault);
        Assert.DoesNotContain("hunter3", refused.ToString(), StringComparison.Ordinal);
        Assert.InRange(camera.Asked.Count(name => name.EndsWith('!')), 1, 3); // HTTP's digest is asked for first

        var nobody = await Assert.ThrowsAsync<SourceException>(() => OpenAsync(camera, null));
        Assert.Contains("wants a login", nobody.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_camera_that_takes_itself_for_another_host_is_asked_where_it_answered()
    {
        using var camera = new OnvifCamera(Streams[0] with { Uri = "rtsp://thief:x@10.9.9.9:8554/main" }) { OwnHost = "10.9.9.9" };
        using var device = await OpenAsync(camera, camera.Password);
        var profile = Assert.Single(await device.ProfilesAsync(CancellationToken.None));
        Assert.Equal("rtsp://127.0.0.1:8554/main", profile.Address);
    }

    [Theory]
    [InlineData("<html/>", SourceFault.Broken)]
    [InlineData("", SourceFault.Broken)]
    public async Task What_answers_and_is_no_camera_is_broken(string answer, SourceFault fault)
    {
        using var camera = new OnvifCamera(Streams) { Instead = answer };
        Assert.Equal(fault, (await Assert.ThrowsAsync<SourceException>(() => OpenAsync(camera, null))).Fault);
    }

    [Fact]
    public async Task Where_nobody_listens_the_connection_is_refused()
    {
        var camera = new OnvifCamera(Streams);
        camera.Dispose();
        Assert.Equal(SourceFault.Refused, (await Assert.ThrowsAsync<SourceException>(() => OpenAsync(camera, null))).Fault);
    }

    private static Task<OnvifDevice> OpenAsync(OnvifCamera camera, string? password) => OnvifDevice.OpenAsync(
        new([new(camera.Address)], password is null ? null : new(camera.User, Secret.Parse(password))), TimeProvider.System,
        CancellationToken.None);
}
