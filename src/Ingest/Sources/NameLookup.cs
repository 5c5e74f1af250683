using System.Net;
using System.Net.Sockets;

namespace ActionStream.Ingest.Sources;

/// <summary>Looks names up a few at a time, and lets go of one that takes too long: a resolver whose server is gone holds its thread and
/// hears no token.</summary>
/// <param name="resolve">The machine's resolver where it is null.</param>
internal sealed class NameLookup(Func<string, Task<IPAddress[]>>? resolve = null) : IDisposable
{
    private const int Width = 4;

    private readonly SemaphoreSlim _turns = new(Width, Width);
    private readonly Func<string, Task<IPAddress[]>> _resolve =
        resolve ?? (host => Dns.GetHostAddressesAsync(host, CancellationToken.None));

    /// <exception cref="SocketException">There is no such name, or it is none.</exception>
    public async Task<IPAddress[]> FindAsync(string host, CancellationToken cancel)
    {
        if (IPAddress.TryParse(host.Trim('[', ']'), out var literal))
        {
            return [literal];
        }

        await _turns.WaitAsync(cancel);
        var lookup = ResolveAsync(host);
        _ = ReleaseAfterAsync(lookup);
        return await lookup.WaitAsync(cancel);
    }

    public void Dispose() => _turns.Dispose();

    private async Task<IPAddress[]> ResolveAsync(string host)
    {
        try
        {
            return await _resolve(host);
        }
        catch (ArgumentException)
        {
            throw new SocketException((int)SocketError.HostNotFound); // too long for a name, or of letters that none may have
        }
    }

    private async Task ReleaseAfterAsync(Task lookup)
    {
        await lookup.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            _turns.Release();
        }
        catch (ObjectDisposedException)
        {
            // The resolver was slower than our end.
        }
    }
}
