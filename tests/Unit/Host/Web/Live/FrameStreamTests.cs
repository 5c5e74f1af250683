using System.Buffers.Binary;
using System.IO.Pipelines;
using ActionStream.Host.Web.Live;

namespace ActionStream.Unit.Host.Web.Live;

public sealed class FrameStreamTests : IDisposable
{
    private readonly LiveCamera _front = new("front", () => 1);
    private readonly LiveCamera _back = new("back", () => 1);
    private readonly CancellationTokenSource _leave = new();
    private long _skipped;

    public void Dispose() => _leave.Dispose();

    private static void Show(LiveCamera camera, byte content, Attention? attention = null) =>
        camera.Show(DateTimeOffset.UnixEpoch.AddSeconds(content), [content, content], attention);

    private static async Task<(byte Kind, byte Place, double Ms, byte[] Content)> Read(Stream stream)
    {
        var header = new byte[FrameStream.HeaderBytes];
        await stream.ReadExactlyAsync(header).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
        var content = new byte[BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(4))];
        await stream.ReadExactlyAsync(content).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
        return (header[0], header[1], BinaryPrimitives.ReadDoubleLittleEndian(header.AsSpan(8)), content);
    }

    [Fact]
    public async Task Cameras_take_turns_and_attention_goes_before_the_picture_it_belongs_to()
    {
        var pipe = new Pipe();
        var stream = new FrameStream([_front, _back], new HashSet<string> { "back" }, missed => _skipped += missed);
        var writing = stream.WriteAsync(pipe.Writer.AsStream(), _leave.Token);
        var attention = new Attention(2, 1, 1, new byte[] { 7, 255 });
        Show(_front, 1, attention);
        Show(_back, 2, attention);
        stream.Wake();
        var from = pipe.Reader.AsStream();
        var (kind, place, ms, content) = await Read(from);
        Assert.Equal(((byte)1, (byte)0, 1000.0), (kind, place, ms)); // nobody asked for the attention of front
        Assert.Equal([1, 1], content);
        (kind, place, _, content) = await Read(from);
        Assert.Equal(((byte)2, (byte)1), (kind, place));
        Assert.Equal([2, 1, 1, 0, 7, 255], content);
        Assert.Equal(((byte)1, (byte)1), await Read(from) is var picture ? (picture.Kind, picture.Place) : default);

        await _leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        Assert.False(_front.IsWatched);
    }

    [Fact]
    public async Task A_browser_that_does_not_read_misses_pictures_and_nobody_waits_for_it()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 4, resumeWriterThreshold: 2));
        var stream = new FrameStream([_front], new HashSet<string>(), missed => _skipped += missed);
        var writing = stream.WriteAsync(pipe.Writer.AsStream(), _leave.Token);
        Show(_front, 1);
        stream.Wake();
        var begun = await pipe.Reader.ReadAtLeastAsync(1); // the first is under way, and stays unread
        pipe.Reader.AdvanceTo(begun.Buffer.Start);
        for (byte i = 2; i <= 100; i++)
        {
            Show(_front, i); // returns at once, every time
            stream.Wake();
        }

        var from = pipe.Reader.AsStream();
        var last = 0.0;
        var read = 0;
        while (last < 100_000)
        {
            last = (await Read(from)).Ms;
            read++;
        }

        Assert.InRange(read, 1, 3);
        Assert.Equal(100, read + _skipped);
        await _leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
    }
}
