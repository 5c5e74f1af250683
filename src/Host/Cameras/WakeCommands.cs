using ActionStream.Ingest.Packets.Gating;

namespace ActionStream.Host.Cameras;

/// <summary>Keeps a camera awake for as long as somebody asked for, who may know more than its stream tells: a door, a detector.</summary>
internal sealed class WakeCommands(WakeVotes votes, TimeProvider time) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (ITimer Timer, long From, TimeSpan For)> _awake = new(StringComparer.Ordinal);

    /// <summary>Awake for so long from now on, whatever was asked for before. From any thread.</summary>
    public void Wake(string camera, TimeSpan length)
    {
        lock (_lock)
        {
            votes.Set(camera, WakeReasons.Command, true);
            var timer = _awake.TryGetValue(camera, out var before)
                ? before.Timer
                : time.CreateTimer(_ => End(camera), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _awake[camera] = (timer, time.GetTimestamp(), length);
            timer.Change(length, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var (timer, _, _) in _awake.Values)
            {
                timer.Dispose();
            }

            _awake.Clear();
        }
    }

    // One that fires while the time is made longer is too early.
    private void End(string camera)
    {
        lock (_lock)
        {
            if (_awake.TryGetValue(camera, out var wake) && time.GetElapsedTime(wake.From) >= wake.For)
            {
                wake.Timer.Dispose();
                _awake.Remove(camera);
                votes.Set(camera, WakeReasons.Command, false);
            }
        }
    }
}
