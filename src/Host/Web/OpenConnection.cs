using Microsoft.AspNetCore.Connections;

namespace ActionStream.Host.Web;

/// <summary>One connection and what it does, so that an idle one can give way. Its state belongs to the
/// <see cref="ConnectionRoom"/>.</summary>
internal sealed class OpenConnection(ConnectionRoom room, ConnectionContext connection)
{
    /// <summary>A whole request has come.</summary>
    public bool HasAsked { get; private set; }

    public bool IsCut { get; set; }

    public bool IsGone { get; set; }

    /// <summary>Among those that are idle; null while a request is answered.</summary>
    public LinkedListNode<OpenConnection>? Place { get; set; }

    /// <summary>A request is being answered until the answer is disposed.</summary>
    public IDisposable Answer()
    {
        HasAsked = true;
        room.Busy(this);
        return new Answering(room, this);
    }

    public void Abort() => connection.Abort();

    private sealed class Answering(ConnectionRoom room, OpenConnection open) : IDisposable
    {
        public void Dispose() => room.Idle(open);
    }
}
