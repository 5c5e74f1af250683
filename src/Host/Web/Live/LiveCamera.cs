using ActionStream.Core.Media;

namespace ActionStream.Host.Web.Live;

/// <summary>The newest frames of one camera, kept only while somebody looks: a slot, not a queue, so whoever is slow misses some.</summary>
/// <param name="depth">Frames that attention needs, τ of the model at present.</param>
internal sealed class LiveCamera(string key, Func<int> depth)
{
    private readonly Lock _lock = new();
    private readonly Lock _telling = new();
    private readonly Queue<PixelBlock> _frames = new();
    private FrameSize _size;
    private FrameTime _time;
    private bool _isNew;
    private int _viewers;
    private int _attentions;
    private long _number;
    private long _newest = long.MinValue;
    private volatile LiveFrame? _latest;

    public string Key => key;

    /// <summary>Told whether anybody looks, whenever one comes or leaves.</summary>
    public Action<bool>? OnWatched { get; init; }

    public bool IsWatched => Volatile.Read(ref _viewers) > 0;

    /// <summary>Somebody wants to see where the model looks.</summary>
    public bool WantsAttention => Volatile.Read(ref _attentions) > 0;

    /// <summary>The last frame made; null before the first, and while nobody looks.</summary>
    public LiveFrame? Latest => _latest;

    /// <summary>Earliest time stamp at which attention may be computed again.</summary>
    public long RestUntil { get; set; }

    /// <summary>One more who looks, until disposed.</summary>
    public IDisposable Watch(bool isGazing)
    {
        Interlocked.Increment(ref _viewers);
        if (isGazing)
        {
            Interlocked.Increment(ref _attentions);
        }

        Tell();
        return new Viewer(this, isGazing);
    }

    /// <summary>Keeps a share of the frame if anybody looks. True if there is something to encode.</summary>
    /// <remarks>A camera that wakes goes back by some seconds; who looks at it does not.</remarks>
    public bool Put(in Frame frame)
    {
        var isPast = frame.Time.ArrivedAt < _newest;
        _newest = isPast ? _newest : frame.Time.ArrivedAt;
        if (!IsWatched || isPast)
        {
            return false;
        }

        lock (_lock)
        {
            if (frame.Size != _size)
            {
                Clear();
            }

            _frames.Enqueue(frame.Share());
            while (_frames.Count > depth())
            {
                _frames.Dequeue().Dispose();
            }

            (_size, _time, _isNew) = (frame.Size, frame.Time, true);
            return true;
        }
    }

    /// <summary>Shares of the newest frames, oldest first; null if none came since the last call.</summary>
    public Sight? Take()
    {
        lock (_lock)
        {
            if (!_isNew)
            {
                return null;
            }

            _isNew = false;
            return new([.. _frames.Select(frame => frame.Share())], _size, _time);
        }
    }

    public void Show(DateTimeOffset at, byte[] jpeg, Attention? attention)
    {
        _latest = new(Interlocked.Increment(ref _number), at, jpeg, attention);
        if (!IsWatched)
        {
            _latest = null; // the last one left meanwhile
        }
    }

    private void Leave(bool wasGazing)
    {
        if (wasGazing)
        {
            Interlocked.Decrement(ref _attentions);
        }

        if (Interlocked.Decrement(ref _viewers) == 0)
        {
            lock (_lock)
            {
                Clear();
            }

            _latest = null;
        }

        Tell();
    }

    // The last to tell tells how it is, whoever was quicker.
    private void Tell()
    {
        lock (_telling)
        {
            OnWatched?.Invoke(IsWatched);
        }
    }

    private void Clear()
    {
        while (_frames.TryDequeue(out var frame))
        {
            frame.Dispose();
        }

        _isNew = false;
    }

    private sealed class Viewer(LiveCamera camera, bool isGazing) : IDisposable
    {
        private int _isGone;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isGone, 1) == 0)
            {
                camera.Leave(isGazing);
            }
        }
    }
}

/// <summary>Frames on their way to be encoded. Whoever holds it disposes it, once.</summary>
/// <param name="Frames">Oldest first; the last is the frame.</param>
internal sealed record Sight(IReadOnlyList<PixelBlock> Frames, FrameSize Size, FrameTime Time) : IDisposable
{
    public ReadOnlySpan<byte> Pixels => Frames[^1].Span[..Size.Bytes];

    public void Dispose()
    {
        foreach (var frame in Frames)
        {
            frame.Dispose();
        }
    }
}
