using ActionStream.Core.Configuration;
using ActionStream.Host.Configuration;

namespace ActionStream.Unit.Host.Configuration;

/// <summary>A camera's `onvif` as it is typed.</summary>
public sealed class CameraOnvifTests
{
    private static readonly CameraOptions Camera = new() { Url = "rtsp://admin:hunter2%2Fsecret@10.0.0.11/stream" };

    [Fact]
    public void The_login_is_the_streams_unless_it_has_its_own()
    {
        var lent = (Camera with { Onvif = "http://10.0.0.11/onvif/device_service" }).MotionFrom!.Login!;
        Assert.Equal(("admin", "hunter2/secret"), (lent.User, lent.Password.Reveal()));
        Assert.Equal("viewer", (Camera with { Onvif = "viewer:other-secret@10.0.0.11" }).MotionFrom!.Login!.User);
        Assert.Null(Camera.MotionFrom);
    }

    [Theory]
    [InlineData("rtsp://viewer:hunter3x@10.0.0.11/", "expected a host")]
    [InlineData("http://viewer:hunter3x/y@10.0.0.11/", "write %2F")]
    [InlineData("", "expected a host")]
    public void What_is_no_such_address_is_a_problem_without_the_password(string typed, string expected)
    {
        var check = new ConfigCheck("site.yaml");
        (Camera with { Onvif = typed }).CheckCamera(check);
        var problem = Assert.Single(check.Problems);
        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter3", problem.ToString(), StringComparison.Ordinal);
    }
}
