using System.Collections.Concurrent;
using ActionStream.Core.Media;
using ActionStream.Inference;
using ActionStream.Publish.Snapshots;
using Microsoft.Extensions.Logging;

namespace ActionStream.Host.Web.Live;

/// <summary>
/// Makes the frames that browsers see: the thread "live frames", one for all cameras, with nothing to do while nobody
/// looks.
/// </summary>
internal sealed partial class LiveEncoder : IFrameWatcher, IDisposable
{
    private readonly ConcurrentDictionary<string, LiveCamera> _cameras = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<FrameStream, bool> _viewers = new();
    private readonly SemaphoreSlim _work = new(0, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly JpegEncoder _jpeg = new();
    private readonly TimeProvider _time;
    private readonly LiveMeter _meter;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private readonly Thread _thread;
    private IAttentionReader? _attention;

    public LiveEncoder(TimeProvider time, LiveMeter meter, ILogger log)
    {
        (_time, _meter, _log) = (time, meter, log);
        _thread = new(Run) { IsBackground = true, Name = "live frames" };
        _thread.Start();
    }

    /// <summary>Somebody looks at a camera, or nobody does any more; called on whichever thread comes or leaves.</summary>
    public Action<string, bool>? OnWatched { get; set; }

    /// <summary>The camera of that name; there is one for every name that frames came from.</summary>
    public LiveCamera Camera(string key) =>
        _cameras.TryGetValue(key, out var camera) ? camera : _cameras.GetOrAdd(
            key, new LiveCamera(key, () => _attention?.Frames ?? 1) { OnWatched = isWatched => OnWatched?.Invoke(key, isWatched) });

    public bool Knows(string key) => _cameras.ContainsKey(key);

    /// <summary>Who can tell where the model looks, from the time that there is a model.</summary>
    public void Attention(IAttentionReader? reader)
    {
        lock (_lock)
        {
            _attention = reader;
        }
    }

    /// <summary>Wakes a viewer whenever there are new frames, until it is disposed.</summary>
    public void Add(FrameStream viewer) => _viewers[viewer] = true;

    public void Remove(FrameStream viewer) => _viewers.TryRemove(viewer, out _);

    /// <summary>The next frame of a camera, however few look at it.</summary>
    public async Task<LiveFrame> StillAsync(string key, CancellationToken cancel)
    {
        var camera = Camera(key);
        var next = new FrameStream([camera], new HashSet<string>(), _ => { });
        using var watching = camera.Watch(isGazing: false);
        Add(next);
        try
        {
            var before = camera.Latest?.Number;
            while (true)
            {
                if (camera.Latest is { } image && image.Number != before)
                {
                    return image;
                }

                await next.WaitAsync(cancel);
            }
        }
        finally
        {
            Remove(next);
        }
    }

    public void OnFrame(string stream, in Frame frame)
    {
        if (Camera(stream).Put(frame))
        {
            Wake();
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _thread.Join();
        _jpeg.Dispose();
        _stop.Dispose();
        _work.Dispose();
    }

    private void Wake()
    {
        if (_work.CurrentCount > 0)
        {
            return; // awake already
        }

        try
        {
            _work.Release();
        }
        catch (SemaphoreFullException)
        {
            // Another camera was quicker.
        }
    }

    private void Run()
    {
        WorkerPriority.StepBack();
        try
        {
            while (true)
            {
                _work.Wait(_stop.Token);
                foreach (var camera in _cameras.Values)
                {
                    if (camera.Take() is { } sight)
                    {
                        Encode(camera, sight);
                    }
                }

                foreach (var viewer in _viewers.Keys)
                {
                    viewer.Wake();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Time to leave.
        }
    }

    // A frame that cannot be shown must not end those of other cameras.
    private void Encode(LiveCamera camera, Sight sight)
    {
        using (sight)
        {
            try
            {
                var at = _time.GetUtcNow() - _time.GetElapsedTime(sight.Time.ArrivedAt);
                camera.Show(at, _jpeg.Encode(sight.Pixels, sight.Size), AttentionOf(camera, sight));
                _meter.Encoded();
            }
            catch (Exception failed)
            {
                LogFailed(camera.Key, failed.Message);
            }
        }
    }

    // Looking must not cost the decisions their time: after each run three times as long a rest.
    private Attention? AttentionOf(LiveCamera camera, Sight sight)
    {
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            if (_attention is null || !camera.WantsAttention || now < camera.RestUntil)
            {
                return null;
            }

            var attention = _attention.Read(sight);
            var after = _time.GetTimestamp();
            camera.RestUntil = after + (3 * (after - now));
            return attention;
        }
    }

    [LoggerMessage(LogLevel.Debug, "{Camera}: no live frame: {Problem}")]
    private partial void LogFailed(string camera, string problem);
}

/// <summary>Tells where the model looks in a few frames.</summary>
internal interface IAttentionReader
{
    /// <summary>τ, frames that it wants to see.</summary>
    int Frames { get; }

    /// <summary>S, maps that it gives.</summary>
    int Tokens { get; }

    /// <summary>Null if the frames are not of the model's size.</summary>
    Attention? Read(Sight sight);
}
