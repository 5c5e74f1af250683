using System.Text;
using ActionStream.Core.Configuration;
using ActionStream.Host.Web;
using Microsoft.AspNetCore.Http;

namespace ActionStream.Unit.Host.Web;

public sealed class AccessTests
{
    private static readonly HttpOptions Token = new() { Address = "0.0.0.0", Token = new Secret("correct-horse-battery") };
    private static readonly HttpOptions Password = new() { Address = "0.0.0.0", Username = "ann", Password = new Secret("sesame-open") };

    private static Entry Judge(HttpOptions options, string? authorization, string host = "camera-box:9464") =>
        new Access(options).Judge(new HostString(host), authorization);

    private static string Basic(string text) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    [Theory]
    [InlineData("localhost:9464", true)]
    [InlineData("127.0.0.1:9464", true)]
    [InlineData("[::1]:9464", true)]
    [InlineData("evil.example:9464", false)]
    [InlineData("127.0.0.1.evil.example", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("", false)]
    public void On_loopback_nobody_is_asked_and_no_foreign_name_is_served(string host, bool isServed) =>
        Assert.Equal(isServed ? Entry.Granted : Entry.Refused, Judge(new HttpOptions(), null, host));

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("192.168.1.5")]
    [InlineData("::")]
    public void Where_others_can_reach_it_and_nothing_is_set_nobody_sees_anything(string address)
    {
        var options = new HttpOptions { Address = address };
        Assert.Equal(Entry.Refused, Judge(options, null, "localhost"));
        Assert.Contains("http.token", options.WhyClosed, StringComparison.Ordinal);
    }

    [Fact]
    public void Switched_off_it_stays_closed_also_to_those_who_know_the_token() =>
        Assert.Equal(Entry.Refused, Judge(Token with { Live = false }, "Bearer correct-horse-battery"));

    [Fact]
    public void The_token_opens_as_bearer_or_as_anyones_password()
    {
        Assert.Equal(Entry.Granted, Judge(Token, "Bearer correct-horse-battery"));
        Assert.Equal(Entry.Granted, Judge(Token, Basic("whoever:correct-horse-battery")));
        Assert.Equal(Entry.Granted, Judge(Token with { Address = "127.0.0.1" }, "Bearer correct-horse-battery"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Bearer ")]
    [InlineData("Bearer correct-horse-batterx")]
    [InlineData("Bearer correct-horse-battery-and-more")]
    [InlineData("correct-horse-battery")]
    [InlineData("Basic correct-horse-battery")]
    [InlineData("Basic !!!")]
    [InlineData("Digest correct-horse-battery")]
    public void Anything_else_is_asked_again(string? authorization) => Assert.Equal(Entry.AskWho, Judge(Token, authorization));

    [Theory]
    [InlineData("ann:sesame-open", true)]
    [InlineData("ann:sesame-shut", false)]
    [InlineData("bob:sesame-open", false)]
    [InlineData("ann", false)]
    [InlineData(":", false)]
    [InlineData("ann:", false)]
    public void A_user_needs_name_and_password(string login, bool isRight) =>
        Assert.Equal(isRight ? Entry.Granted : Entry.AskWho, Judge(Password, Basic(login)));

    [Fact]
    public void A_password_may_hold_colons() =>
        Assert.Equal(Entry.Granted, Judge(Password with { Password = new Secret("a:b:c:d:e:f") }, Basic("ann:a:b:c:d:e:f")));

    [Fact]
    public void An_empty_token_opens_nothing_where_a_password_is_set() => Assert.Equal(Entry.AskWho, Judge(Password, "Bearer "));

    [Fact]
    public void Weak_secrets_and_half_logins_are_told()
    {
        var check = new ConfigCheck("site.yaml");
        new HttpOptions { Token = new Secret("short"), Password = new Secret("tiny") }.Check(check);
        Assert.Equal(3, check.Problems.Count);
        Assert.DoesNotContain(check.Problems, problem =>
            problem.Message.Contains("short", StringComparison.Ordinal) || problem.Message.Contains("tiny", StringComparison.Ordinal));
    }
}
