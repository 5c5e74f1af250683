using Microsoft.AspNetCore.Connections;

namespace ActionStream.Host.Web;

/// <summary>Lets everybody in who comes, and for that cuts whoever has been idle longest: so nobody who only sits there keeps a probe
/// or Prometheus out.</summary>
/// <remarks>Requests being answered are never cut; how many of them there may be is bounded below <see cref="Most"/>
/// (<see cref="Guard"/>).</remarks>
internal sealed class ConnectionRoom(HttpMeter meter, TimeProvider time)
{
    public const int Most = 192;

    /// <summary>How long a connection may take to a whole request, and wait for another one.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Nearly = Patience - TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly LinkedList<OpenConnection> _idle = new();
    private int _count;

    public async Task HoldAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var open = new OpenConnection(this, connection);
        connection.Features.Set(open);
        Enter(open);
        var since = time.GetTimestamp();
        try
        {
            await next(connection);
        }
        finally
        {
            Leave(open);
            if (!open.HasAsked && !open.IsCut && time.GetElapsedTime(since) >= Nearly)
            {
                meter.CutSilent();
            }
        }
    }

    internal void Busy(OpenConnection open)
    {
        lock (_lock)
        {
            Remove(open);
        }
    }

    internal void Idle(OpenConnection open)
    {
        lock (_lock)
        {
            if (!open.IsGone)
            {
                open.Place = _idle.AddLast(open);
            }
        }
    }

    private void Enter(OpenConnection open)
    {
        meter.Opened();
        OpenConnection? longest = null;
        lock (_lock)
        {
            open.Place = _idle.AddLast(open);
            if (++_count > Most && _idle.First?.Value is { } oldest && oldest != open)
            {
                longest = oldest;
                longest.IsCut = true;
                Remove(longest);
            }
        }

        if (longest is not null)
        {
            meter.CutCrowded();
            longest.Abort();
        }
    }

    private void Leave(OpenConnection open)
    {
        meter.Closed();
        lock (_lock)
        {
            _count--;
            open.IsGone = true;
            Remove(open);
        }
    }

    private void Remove(OpenConnection open)
    {
        if (open.Place is { } place)
        {
            _idle.Remove(place);
            open.Place = null;
        }
    }
}
