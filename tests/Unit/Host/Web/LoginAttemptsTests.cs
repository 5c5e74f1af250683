using System.Diagnostics.Metrics;
using System.Net;
using ActionStream.Host.Web;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Host.Web;

public sealed class LoginAttemptsTests : IDisposable
{
    private static readonly IPAddress Guesser = IPAddress.Parse("203.0.113.7");

    private readonly FakeClock _time = new();
    private readonly Meter _meter = new("test");
    private readonly LogLines<LoginAttempts> _log = new();
    private readonly LoginAttempts _attempts;

    public LoginAttemptsTests() => _attempts = new(new HttpMeter(_meter), _time, _log);

    public void Dispose() => _meter.Dispose();

    // As the guard does it: what is slowed is not looked at.
    private bool Guess(IPAddress from)
    {
        if (_attempts.IsSlowed(from))
        {
            return false;
        }

        _attempts.Failed(from);
        return true;
    }

    [Fact]
    public void Eighty_guesses_a_second_become_one_every_two_seconds()
    {
        var looked = 0;
        for (var i = 0; i < 80 * 60; i++)
        {
            looked += Guess(Guesser) ? 1 : 0;
            _time.Advance(TimeSpan.FromMilliseconds(12.5));
        }

        Assert.InRange(looked, 35, LoginAttempts.Free + 31);
        Assert.InRange(_log.Lines.Count, 5, 8);
        Assert.All(_log.Lines, line => Assert.EndsWith("the latest from 203.0.113.7", line.Text, StringComparison.Ordinal));
    }

    [Fact]
    public void Another_address_is_not_slowed()
    {
        while (Guess(Guesser))
        {
        }

        Assert.False(_attempts.IsSlowed(IPAddress.Parse("203.0.113.8")));
    }

    [Fact]
    public void Whoever_has_a_network_of_IPv6_has_one_budget_of_guesses()
    {
        var looked = Enumerable.Range(1, 100).Count(i => Guess(IPAddress.Parse($"2001:db8:1:2::{i:x}")));
        Assert.Equal(LoginAttempts.Free, looked);
        Assert.False(_attempts.IsSlowed(IPAddress.Parse("2001:db8:1:3::1")));
    }

    [Fact]
    public void Guesses_from_everywhere_take_no_more_memory_than_those_from_a_thousand_places()
    {
        for (var i = 0; i < 5000; i++)
        {
            Guess(new IPAddress((uint)(i + 1)));
        }

        Assert.InRange(_attempts.Addresses, 1000, 1024);
    }
}
