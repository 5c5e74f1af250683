using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ActionStream.Ingest.Sources;

/// <summary>Asks hosts whether a camera may be there, for a thousandth of what starting an ffmpeg costs.</summary>
/// <remarks>Few at a time, each for a short while; names are looked up by fewer still, because a resolver may hold a thread.</remarks>
public sealed class ReachabilityCheck(TimeProvider time, int width = 64) : IDisposable
{
    /// <summary>Three round trips of a bad link, and a busy camera's pause.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _turns = new(width, width);
    private readonly NameLookup _names = new();

    public async Task<Reachability> AskAsync(TcpAddress address, CancellationToken cancel)
    {
        await _turns.WaitAsync(cancel);
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, patience.Token);
        try
        {
            return await LookUpAsync(address.Host, either.Token) is { } hosts
                ? await ConnectAsync(hosts, address, either.Token)
                : Reachability.Unknown;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Reachability.Silent;
        }
        catch (SocketException failed)
        {
            return failed.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => Reachability.Refused,
                SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.HostDown or SocketError.NetworkDown
                    or SocketError.HostNotFound or SocketError.NoData => Reachability.Unreachable,
                SocketError.TimedOut => Reachability.Silent,
                _ => Reachability.Unknown,
            };
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose()
    {
        _turns.Dispose();
        _names.Dispose();
    }

    private async Task<Reachability> ConnectAsync(IPAddress[] hosts, TcpAddress address, CancellationToken cancel)
    {
        using var socket = await AddressRace.ConnectAsync(hosts, address.Port, time, cancel);
        if (address.Greeting is { } greeting)
        {
            try
            {
                await socket.SendAsync(Encoding.ASCII.GetBytes(greeting), cancel);
                await socket.ReceiveAsync(new byte[64], cancel);
            }
            catch (SocketException)
            {
                // It hung up on us, so somebody is there.
            }
        }

        return Reachability.Answers;
    }

    // Null if too many names are being looked up, or this one takes too long: then nothing is known.
    private async Task<IPAddress[]?> LookUpAsync(string host, CancellationToken cancel)
    {
        try
        {
            return await _names.FindAsync(host, cancel);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
