using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace ActionStream.Host.Web;

/// <summary>Slows whoever guesses passwords: an address has a few wrong ones free, then one every two seconds is looked
/// at, right or wrong.</summary>
/// <remarks>
/// What is over the limit is not looked at at all: an answer that is quick only for the right password would be one too. Another
/// address is never slowed by it. Behind a proxy all have the proxy's address: there a browser that was let in before shows so by
/// a cookie that nobody can guess (<see cref="KnownBrowsers"/>), and is looked at regardless.
/// </remarks>
internal sealed partial class LoginAttempts(HttpMeter meter, TimeProvider time, ILogger<LoginAttempts> log)
{
    public const int Free = 10;

    private const int MostAddresses = 1024;

    public static readonly TimeSpan Refill = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, Budget> _budgets = [];
    private long? _said;
    private int _unsaid;

    /// <summary>How many addresses it remembers.</summary>
    public int Addresses
    {
        get
        {
            lock (_lock)
            {
                return _budgets.Count;
            }
        }
    }

    /// <param name="Left">Wrong ones that are still looked at.</param>
    private readonly record struct Budget(double Left, long At);

    /// <summary>True if this address has guessed so much that its next login is not looked at.</summary>
    public bool IsSlowed(IPAddress? from)
    {
        lock (_lock)
        {
            if (LeftOf(Key(from)) >= 1)
            {
                return false;
            }
        }

        meter.SlowedLogin();
        Say(from);
        return true;
    }

    public void Failed(IPAddress? from)
    {
        var key = Key(from);
        lock (_lock)
        {
            var left = LeftOf(key);
            if (_budgets.Count >= MostAddresses && !_budgets.ContainsKey(key))
            {
                _budgets.Remove(_budgets.MinBy(budget => budget.Value.At).Key);
            }

            _budgets[key] = new(Math.Max(0, left - 1), time.GetTimestamp());
        }

        meter.WrongLogin();
        Say(from);
    }

    private double LeftOf(IPAddress key) => _budgets.TryGetValue(key, out var budget)
        ? Math.Min(Free, budget.Left + (time.GetElapsedTime(budget.At) / Refill))
        : Free;

    // Whoever has one address of IPv6 has 2^64 of them.
    private static IPAddress Key(IPAddress? from)
    {
        if (from is null)
        {
            return IPAddress.None;
        }

        if (from.IsIPv4MappedToIPv6)
        {
            return from.MapToIPv4();
        }

        if (from.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return from;
        }

        var bytes = from.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new(bytes);
    }

    private void Say(IPAddress? from)
    {
        int count;
        lock (_lock)
        {
            _unsaid++;
            if (_said is { } said && time.GetElapsedTime(said) < Quiet)
            {
                return;
            }

            (count, _unsaid, _said) = (_unsaid, 0, time.GetTimestamp());
        }

        LogFailed(count, from?.ToString() ?? "an unknown address");
    }

    [LoggerMessage(LogLevel.Warning, "Live page: {Count} failed login(s) since the last such line, the latest from {Address}")]
    private partial void LogFailed(int count, string address);
}
