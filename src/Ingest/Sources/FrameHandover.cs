using System.Threading.Channels;
using ActionStream.Core.Media;

namespace ActionStream.Ingest.Sources;

/// <summary>Between the frame reader thread and whoever works on frames: holds a few at most, and owns them until they are taken.</summary>
/// <remarks>
/// Live sources drop the oldest, so that a slow consumer sees the present; recorded ones make the reader wait.
/// Not a StageChannel: it lives as long as one connection, and its drops belong to a camera, not to a stage.
/// </remarks>
public sealed class FrameHandover
{
    private readonly Channel<Frame> _queue;
    private readonly Action _dropped;

    public FrameHandover(int capacity, bool dropsOldest, Action dropped)
    {
        _dropped = dropped;
        _queue = Channel.CreateBounded<Frame>(
            new BoundedChannelOptions(capacity)
            {
                SingleReader = true,
                SingleWriter = true,

                // Whoever waits for a frame works on it right here, on the frame reader's thread: waking another one for each
                // frame costs more than the work. One that is busy elsewhere is not waited for.
                AllowSynchronousContinuations = true,
                FullMode = dropsOldest ? BoundedChannelFullMode.DropOldest : BoundedChannelFullMode.Wait,
            },
            Shed);
    }

    public ChannelReader<Frame> Reader => _queue.Reader;

    /// <summary>Called on the frame reader's thread, which waits if that is the rule. False once nobody wants more.</summary>
    public bool Write(Frame frame)
    {
        while (!_queue.Writer.TryWrite(frame))
        {
            if (!_queue.Writer.WaitToWriteAsync().AsTask().GetAwaiter().GetResult())
            {
                frame.Dispose();
                return false;
            }
        }

        return true;
    }

    public void Complete(Exception? fault = null) => _queue.Writer.TryComplete(fault);

    /// <summary>Disposes what nobody read.</summary>
    public void Clear()
    {
        while (_queue.Reader.TryRead(out var left))
        {
            left.Dispose();
        }
    }

    private void Shed(Frame frame)
    {
        frame.Dispose();
        _dropped();
    }
}
