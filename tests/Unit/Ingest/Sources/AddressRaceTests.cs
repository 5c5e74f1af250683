using System.Net;
using System.Net.Sockets;
using ActionStream.Ingest.Sources;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Ingest.Sources;

public sealed class AddressRaceTests
{
    private static readonly IPAddress Dead = IPAddress.Parse("fd00::5");
    private static readonly IPAddress Good = IPAddress.Parse("10.0.0.5");
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private readonly FakeClock _clock = new();

    [Fact]
    public async Task A_first_address_that_nobody_answers_at_costs_a_quarter_of_a_second()
    {
        var cut = new TaskCompletionSource();
        var racing = RaceAsync([Dead, Good], (address, cancel) =>
        {
            cancel.Register(() => cut.TrySetResult());
            return address.Equals(Good) ? Connected() : Never(cancel);
        });
        _clock.Advance(TimeSpan.FromMilliseconds(249));
        Assert.False(racing.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        using var socket = await racing.WaitAsync(Soon);
        await cut.Task.WaitAsync(Soon); // the other one is given up
    }

    [Fact]
    public async Task One_that_refuses_gives_way_at_once()
    {
        using var socket = await RaceAsync([Dead, Good], (address, _) =>
            address.Equals(Good) ? Connected() : Failed(SocketError.NetworkUnreachable)).WaitAsync(Soon);
    }

    [Theory]
    [InlineData(SocketError.NetworkUnreachable, SocketError.ConnectionRefused, SocketError.ConnectionRefused)]
    [InlineData(SocketError.NetworkUnreachable, SocketError.HostUnreachable, SocketError.NetworkUnreachable)]
    [InlineData(SocketError.ConnectionRefused, SocketError.TooManyOpenSockets, SocketError.TooManyOpenSockets)]
    public async Task The_failure_that_tells_most_is_told(SocketError first, SocketError second, SocketError told)
    {
        var failed = await Assert.ThrowsAsync<SocketException>(() => RaceAsync(
            [Dead, Good], (address, _) => Failed(address.Equals(Dead) ? first : second)).WaitAsync(Soon));
        Assert.Equal(told, failed.SocketErrorCode);
    }

    [Fact]
    public async Task Patience_that_ends_ends_all()
    {
        using var patience = new CancellationTokenSource();
        var racing = AddressRace.ConnectAsync([Dead, Good], 80, _clock, patience.Token, (_, _, cancel) => Never(cancel));
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => racing.WaitAsync(Soon));
    }

    private Task<Socket> RaceAsync(IPAddress[] addresses, Func<IPAddress, CancellationToken, Task<Socket>> connect) =>
        AddressRace.ConnectAsync(addresses, 80, _clock, default, (address, _, cancel) => connect(address, cancel));

    private static Task<Socket> Connected() => Task.FromResult(new Socket(SocketType.Stream, ProtocolType.Tcp));

    private static Task<Socket> Failed(SocketError why) => Task.FromException<Socket>(new SocketException((int)why));

    private static async Task<Socket> Never(CancellationToken cancel)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
        throw new InvalidOperationException();
    }
}
