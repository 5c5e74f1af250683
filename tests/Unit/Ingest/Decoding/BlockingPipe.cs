namespace ActionStream.Unit.Ingest.Decoding;

/// <summary>A pipe between two threads as the kernel has them: a writer waits while it is full, a reader while it is empty.</summary>
internal sealed class BlockingPipe(int capacity = 65536) : Stream
{
    private readonly object _lock = new();
    private readonly Queue<byte> _bytes = new();
    private bool _isEnded;
    private bool _isBroken;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The reader is gone: whoever writes is told so.</summary>
    public void Break()
    {
        lock (_lock)
        {
            _isBroken = _isEnded = true;
            _bytes.Clear();
            Monitor.PulseAll(_lock);
        }
    }

    public override int Read(Span<byte> buffer)
    {
        lock (_lock)
        {
            while (_bytes.Count == 0 && !_isEnded)
            {
                Monitor.Wait(_lock);
            }

            var count = Math.Min(buffer.Length, _bytes.Count);
            for (var i = 0; i < count; i++)
            {
                buffer[i] = _bytes.Dequeue();
            }

            Monitor.PulseAll(_lock);
            return count;
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        lock (_lock)
        {
            foreach (var next in buffer)
            {
                while (_bytes.Count >= capacity && !_isEnded)
                {
                    Monitor.Wait(_lock);
                }

                if (_isEnded)
                {
                    throw new IOException(_isBroken ? "Broken pipe" : "written after the end");
                }

                _bytes.Enqueue(next);
            }

            Monitor.PulseAll(_lock);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        lock (_lock)
        {
            _isEnded = true;
            Monitor.PulseAll(_lock);
        }

        base.Dispose(disposing);
    }
}
