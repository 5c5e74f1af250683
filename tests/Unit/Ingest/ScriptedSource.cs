using System.Runtime.CompilerServices;
using ActionStream.Core.Media;
using ActionStream.Ingest.Sources;

namespace ActionStream.Unit.Ingest;

/// <summary>A source that does what the test says, connection by connection.</summary>
internal sealed class ScriptedSource(Func<int, CancellationToken, IAsyncEnumerable<Frame>> script) : IFrameSource
{
    public List<int> Epochs { get; } = [];

    public bool HasPackets { get; init; }

    public long Packets { get; set; }

    public IAsyncEnumerable<Frame> ReadAsync(int epoch, CancellationToken cancel)
    {
        Epochs.Add(epoch);
        return script(epoch, cancel);
    }

    public static Frame Frame(PixelPool pool, int epoch, TimeSpan presentation, long arrivedAt = 0) =>
        new(new FrameTime(epoch, presentation, arrivedAt), Size, pool.Rent(Size.Bytes));

    public static FrameSize Size { get; } = new(2, 1);

    /// <summary>A few frames, then the fault, the end (null), or silence.</summary>
    public static async IAsyncEnumerable<Frame> Frames(
        PixelPool pool, int epoch, int count, SourceException? fault, bool isSilent = false,
        [EnumeratorCancellation] CancellationToken cancel = default)
    {
        for (var i = 0; i < count; i++)
        {
            yield return Frame(pool, epoch, TimeSpan.FromMilliseconds(125 * i));
        }

        if (isSilent)
        {
            await Task.Delay(Timeout.Infinite, cancel);
        }

        if (fault is not null)
        {
            throw fault;
        }
    }
}
