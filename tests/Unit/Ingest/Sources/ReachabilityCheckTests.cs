using System.Net;
using System.Net.Sockets;
using ActionStream.Ingest.Sources;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Ingest.Sources;

public sealed class ReachabilityCheckTests : IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly ReachabilityCheck _check;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public ReachabilityCheckTests()
    {
        _check = new(_clock, width: 2);
        _listener.Start();
    }

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose()
    {
        _listener.Dispose();
        _check.Dispose();
    }

    [Fact]
    public async Task A_port_that_accepts_is_enough_where_no_greeting_is_known() =>
        Assert.Equal(Reachability.Answers, await AskAsync(new("127.0.0.1", Port)));

    [Fact]
    public async Task A_closed_port_refuses()
    {
        var port = Port;
        _listener.Stop();
        Assert.Equal(Reachability.Refused, await AskAsync(new("127.0.0.1", port)));
    }

    [Fact]
    public async Task An_answer_of_any_kind_is_one_and_hanging_up_too()
    {
        var answered = AskAsync(new("127.0.0.1", Port, "OPTIONS"));
        using (var camera = await _listener.AcceptTcpClientAsync())
        {
            await camera.GetStream().WriteAsync("RTSP/1.0 401"u8.ToArray());
            Assert.Equal(Reachability.Answers, await answered);
        }

        var hungUp = AskAsync(new("127.0.0.1", Port, "OPTIONS"));
        (await _listener.AcceptTcpClientAsync()).Dispose();
        Assert.Equal(Reachability.Answers, await hungUp);
    }

    [Fact]
    public async Task One_that_accepts_and_says_nothing_is_silent_after_two_seconds_and_only_so_many_are_asked_at_a_time()
    {
        var silent = Enumerable.Range(0, 3).Select(_ => AskAsync(new("127.0.0.1", Port, "OPTIONS"))).ToArray();
        using var first = await _listener.AcceptTcpClientAsync();
        using var second = await _listener.AcceptTcpClientAsync();
        _clock.Advance(ReachabilityCheck.Patience - TimeSpan.FromMilliseconds(1));
        Assert.False(silent[0].IsCompleted);
        Assert.False(_listener.Pending());
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal([Reachability.Silent, Reachability.Silent], await Task.WhenAll(silent[..2]));
        using var third = await _listener.AcceptTcpClientAsync();
        third.Close();
        Assert.Equal(Reachability.Answers, await silent[2]);
    }

    [Fact]
    public async Task A_name_that_does_not_exist_is_unreachable_or_unknown() =>
        Assert.Contains(await AskAsync(new("no.such.host.invalid", 554)), new[] { Reachability.Unreachable, Reachability.Unknown });

    private Task<Reachability> AskAsync(TcpAddress address) => _check.AskAsync(address, default).WaitAsync(TimeSpan.FromSeconds(30));
}
