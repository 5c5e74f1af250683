namespace ActionStream.Ingest.Ffmpeg;

/// <summary>A stream that can be read before it is there: reading waits until it is.</summary>
internal sealed class LateStream : Stream
{
    private readonly TaskCompletionSource<Stream> _inner = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The first one stays.</summary>
    public void Open(Stream inner)
    {
        if (!_inner.TrySetResult(inner))
        {
            inner.Dispose();
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Inner.Read(buffer, offset, count);

    public override int Read(Span<byte> buffer) => Inner.Read(buffer);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Open(Null);
            Inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private Stream Inner => _inner.Task.GetAwaiter().GetResult();
}
