using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ActionStream.EndToEnd.Measurements.Chaos;

/// <summary>Connections to the service's HTTP port that say nothing, or never finish what they say.</summary>
internal sealed class HttpClientsAtFault(ChaosSite site)
{
    public async Task KeepAsync(int count, string say, TimeSpan lasts)
    {
        var clients = new List<TcpClient>();
        try
        {
            for (var i = 0; i < count; i++)
            {
                var client = new TcpClient();
                clients.Add(client);
                try
                {
                    await client.ConnectAsync(IPAddress.Loopback, site.Service.Http.Port);
                    await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(say));
                }
                catch (Exception refused) when (refused is IOException or SocketException)
                {
                    // Nobody has to let them in.
                }
            }

            await Task.Delay(lasts, TimeProvider.System);
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }
    }
}
