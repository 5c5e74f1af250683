using System.Collections.Concurrent;
using ActionStream.Ingest.Packets;

namespace ActionStream.Ingest.Recording;

/// <summary>The thread "recording writer": writes what all cameras keep, so that a disk that hangs holds up nobody who reads or
/// decodes.</summary>
/// <remarks>What waits is bounded in bytes, for each camera and for all of them; what is too much is left out and counted.</remarks>
internal sealed class RecordingWriter : IDisposable
{
    /// <summary>Packets of one camera that wait: two seconds of a very rich stream.</summary>
    internal const long MostOfOne = 4 << 20;

    private const long MostOfAll = 64 << 20;

    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(5);

    private readonly BlockingCollection<Order> _orders = [];
    private readonly Thread _thread;
    private long _bytes;
    private long _unqueued;
    private long _unwritten;

    public RecordingWriter()
    {
        _thread = new(Run, maxStackSize: 256 * 1024) { IsBackground = true, Name = "recording writer" };
        _thread.Start();
    }

    /// <summary>Packets that were left out because the disk was slower.</summary>
    public long Unqueued => Volatile.Read(ref _unqueued);

    /// <summary>Packets that were left out because the disk took none.</summary>
    public long Unwritten => Volatile.Read(ref _unwritten);

    /// <param name="waiting">Bytes of the connection's that wait already.</param>
    /// <param name="isAfterLoss">Something before it was left out.</param>
    /// <returns>False if there is no room for it.</returns>
    public bool TryAdd(BufferedConnection connection, Packet packet, long waiting, bool isAfterLoss)
    {
        if ((waiting > 0 && waiting + packet.Length > MostOfOne) || Volatile.Read(ref _bytes) > MostOfAll)
        {
            return false;
        }

        Interlocked.Add(ref _bytes, packet.Length);
        if (TryAdd(new(connection, packet.Share(), isAfterLoss, null)))
        {
            return true;
        }

        Interlocked.Add(ref _bytes, -packet.Length);
        packet.Dispose();
        return false;
    }

    /// <summary>No more of this connection will come.</summary>
    public void End(BufferedConnection connection) => TryAdd(new(connection, null, false, null));

    /// <summary>Ends when all is written that was added before.</summary>
    public Task SettleAsync()
    {
        var settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return TryAdd(new(null, null, false, settled)) ? settled.Task : Task.CompletedTask;
    }

    public void LeftOut() => Interlocked.Increment(ref _unqueued);

    public void NotWritten() => Interlocked.Increment(ref _unwritten);

    public void Dispose()
    {
        _orders.CompleteAdding();
        _thread.Join(LeaveTime); // a disk that hangs keeps it, and the end of the process ends it
    }

    private bool TryAdd(Order order)
    {
        try
        {
            _orders.Add(order);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false; // the service leaves
        }
    }

    private void Run()
    {
        foreach (var (connection, packet, isAfterLoss, settled) in _orders.GetConsumingEnumerable())
        {
            if (packet is not null)
            {
                using (packet)
                {
                    Interlocked.Add(ref _bytes, -packet.Length);
                    connection!.Write(packet, isAfterLoss);
                }
            }
            else
            {
                connection?.End();
                settled?.SetResult();
            }
        }
    }

    private readonly record struct Order(BufferedConnection? Connection, Packet? Packet, bool IsAfterLoss, TaskCompletionSource? Settled);
}
