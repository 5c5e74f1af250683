using System.Buffers.Binary;
using System.Threading.Channels;

namespace ActionStream.Host.Web.Live;

/// <summary>One browser's frames of several cameras in one answer that never ends: browsers allow few
/// connections, and a wall has many cameras.</summary>
/// <remarks>
/// A message is kind (1 byte: 1 JPEG, 2 attention), place of the camera in the request (1 byte), two zeros, length (4 bytes),
/// time of the frame in ms since 1970 (8 bytes, a double), then the content; numbers are little-endian. Attention is S, h,
/// w (a byte each), a zero, then [S, h, w] bytes. There is no queue: each round sends the newest frame there is.
/// </remarks>
internal sealed class FrameStream(IReadOnlyList<LiveCamera> cameras, IReadOnlySet<string> attended, Action<long> skipped)
{
    public const int HeaderBytes = 16;

    private const byte Jpeg = 1;
    private const byte Attention = 2;

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly long[] _sent = new long[cameras.Count];

    /// <summary>There are new frames.</summary>
    public void Wake() => _wake.Writer.TryWrite(true);

    public async Task WaitAsync(CancellationToken cancel) => await _wake.Reader.ReadAsync(cancel);

    /// <summary>Writes until the browser leaves.</summary>
    public async Task WriteAsync(Stream to, CancellationToken cancel)
    {
        var watching = cameras.Select(camera => camera.Watch(attended.Contains(camera.Key))).ToList();
        try
        {
            await to.FlushAsync(cancel); // the answer has begun
            while (true)
            {
                await WaitAsync(cancel);
                for (var place = 0; place < cameras.Count; place++)
                {
                    await WriteAsync(to, place, cancel);
                }

                await to.FlushAsync(cancel);
            }
        }
        finally
        {
            watching.ForEach(viewer => viewer.Dispose());
        }
    }

    private async ValueTask WriteAsync(Stream to, int place, CancellationToken cancel)
    {
        if (cameras[place].Latest is not { } frame || frame.Number == _sent[place])
        {
            return;
        }

        if (_sent[place] > 0 && frame.Number - _sent[place] - 1 is > 0 and var missed)
        {
            skipped(missed);
        }

        _sent[place] = frame.Number;

        // First where the model looked, so that the two are painted together.
        if (frame.Attention is { } attention && attended.Contains(cameras[place].Key))
        {
            await to.WriteAsync(Header(Attention, place, 4 + attention.Values.Length, frame.At), cancel);
            await to.WriteAsync(new[] { (byte)attention.Tokens, (byte)attention.Height, (byte)attention.Width, (byte)0 }, cancel);
            await to.WriteAsync(attention.Values, cancel);
        }

        await to.WriteAsync(Header(Jpeg, place, frame.Jpeg.Length, frame.At), cancel);
        await to.WriteAsync(frame.Jpeg, cancel);
    }

    private static byte[] Header(byte kind, int place, int length, DateTimeOffset at)
    {
        var header = new byte[HeaderBytes];
        header[0] = kind;
        header[1] = (byte)place;
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), length);
        BinaryPrimitives.WriteDoubleLittleEndian(header.AsSpan(8), (at - DateTimeOffset.UnixEpoch).TotalMilliseconds);
        return header;
    }
}
