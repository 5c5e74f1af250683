using ActionStream.Core.Configuration;
using ActionStream.Ingest.Onvif;

namespace ActionStream.Unit.Ingest.Onvif;

public sealed class UsernameTokenTests
{
    [Fact]
    public void The_digest_is_that_of_the_standards_own_example() => Assert.Equal(
        "tuOSpGlFlIXsozq4HFNeeGeFLEI=",
        UsernameToken.Digest("userpassword", "2010-09-16T07:50:45Z", Convert.FromBase64String("LKqI6G/AikKCQrN0zqZFlg==")));

    [Fact]
    public void The_password_itself_is_not_in_the_message()
    {
        var token = UsernameToken.Of(
            new("admin", Secret.Parse("hunter2-secret")), new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), new byte[16]).ToString();
        Assert.DoesNotContain("hunter2", token, StringComparison.Ordinal);
        Assert.Contains("2026-01-02T03:04:05.000Z", token, StringComparison.Ordinal);
    }
}
