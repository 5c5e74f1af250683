using System.Net;
using System.Net.Sockets;

namespace ActionStream.Ingest.Sources;

/// <summary>Connects to the first of a name's addresses that answers, each with a head start over the next: one address that nobody
/// answers at, often that of IPv6, must not use up the patience for all.</summary>
internal static class AddressRace
{
    /// <summary>A name may have any number of addresses.</summary>
    private const int MostTried = 8;

    private static readonly TimeSpan HeadStart = TimeSpan.FromMilliseconds(250);

    /// <param name="connect">TCP where it is null.</param>
    /// <exception cref="SocketException">None can be connected: why, of the one that tells most.</exception>
    public static async Task<Socket> ConnectAsync(
        IReadOnlyList<IPAddress> addresses, int port, TimeProvider time, CancellationToken cancel,
        Func<IPAddress, int, CancellationToken, Task<Socket>>? connect = null)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        List<Task<Socket>> running = [];
        List<SocketException> failures = [];
        var waiting = new Queue<IPAddress>(addresses.Take(MostTried));
        try
        {
            while (true)
            {
                if (waiting.TryDequeue(out var next))
                {
                    running.Add((connect ?? ConnectAsync)(next, port, over.Token));
                }

                if (running.Count == 0)
                {
                    throw MostTelling(failures);
                }

                var ended = await FirstAsync(running, waiting.Count == 0 ? Timeout.InfiniteTimeSpan : HeadStart, time, over.Token);
                if (ended is not null)
                {
                    running.Remove(ended);
                    try
                    {
                        return await ended;
                    }
                    catch (SocketException failed)
                    {
                        failures.Add(failed);
                    }
                }
            }
        }
        finally
        {
            await over.CancelAsync();
            running.ForEach(late => _ = ForgetAsync(late));
        }
    }

    // Null where none has ended within the head start.
    private static async Task<Task<Socket>?> FirstAsync(
        List<Task<Socket>> running, TimeSpan headStart, TimeProvider time, CancellationToken cancel)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var first = await Task.WhenAny([.. running, Task.Delay(headStart, time, ended.Token)]);
        await ended.CancelAsync();
        cancel.ThrowIfCancellationRequested();
        return first as Task<Socket>;
    }

    private static async Task<Socket> ConnectAsync(IPAddress address, int port, CancellationToken cancel)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, port, cancel);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task ForgetAsync(Task<Socket> late)
    {
        await ((Task)late).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (late.IsCompletedSuccessfully)
        {
            (await late).Dispose();
        }
    }

    private static SocketException MostTelling(List<SocketException> failures) =>
        failures.Find(failed => failed.IsHostLimit) ?? failures.Find(failed => failed.SocketErrorCode == SocketError.ConnectionRefused)
        ?? failures.FirstOrDefault() ?? new SocketException((int)SocketError.HostNotFound);
}

/// <summary>Which errors of sockets are this machine's and not the other side's.</summary>
internal static class SocketLimits
{
    extension(SocketException failed)
    {
        /// <summary>No more files, ports or memory.</summary>
        public bool IsHostLimit => failed.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable;
    }
}
