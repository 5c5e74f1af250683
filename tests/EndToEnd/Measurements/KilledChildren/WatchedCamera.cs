using System.Globalization;
using ActionStream.Core.Media;
using ActionStream.Core.Results;

namespace ActionStream.EndToEnd.Measurements.KilledChildren;

/// <summary>Holds every frame of one camera to what it must be: its own, in its place, none missing, none twice.</summary>
/// <param name="number">In its pictures.</param>
/// <param name="reach">How far back waking goes.</param>
/// <param name="say">Told when it comes and goes.</param>
internal sealed class WatchedCamera(int number, TimeSpan reach, Action<string> say) : IProgress<StreamStatus>
{
    private static readonly TimeProvider Clock = TimeProvider.System;
    private static readonly TimeSpan Rounding = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Group = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly List<string> _faults = [];
    private readonly List<TimeSpan> _away = [];
    private readonly List<long> _readerAttacks = [];
    private DrowsyGate? _gate;
    private int _epoch = -1;
    private (TimeSpan At, int Counter) _first;
    private TimeSpan? _last;
    private long _lastSeen;

    public string Name { get; } = $"cam{number}";

    public int Frames { get; private set; }

    public int Heartbeats { get; private set; }

    public int Wakes { get; private set; }

    public int Connections { get; private set; }

    /// <summary>Frames between two that came while it was awake, and did not come.</summary>
    public int Missing { get; private set; }

    /// <summary>Frames from before a sleep that never came.</summary>
    public int LostInSleep { get; private set; }

    public StreamState State { get; private set; }

    /// <summary>How long it was without frames, each time that its reader was attacked.</summary>
    public IReadOnlyList<TimeSpan> Away
    {
        get
        {
            lock (_lock)
            {
                return [.. _away];
            }
        }
    }

    /// <summary>Every promise that was broken.</summary>
    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (_lock)
            {
                return [.. _faults];
            }
        }
    }

    /// <summary>True if a frame came after this time stamp.</summary>
    public bool IsSeenSince(long since) => Volatile.Read(ref _lastSeen) > since;

    /// <summary>By which its connection sleeps and wakes.</summary>
    public DrowsyGate Gated(DrowsyGate gate) => _gate = gate;

    /// <summary>Its reader was attacked: this connection may end.</summary>
    public void ReaderAttacked()
    {
        lock (_lock)
        {
            _readerAttacks.Add(Clock.GetTimestamp());
        }
    }

    public void Report(StreamStatus value)
    {
        if (value.State != State)
        {
            say($"          {Name} {value.State} {value.Reason}");
        }

        State = value.State;
    }

    public void Fault(string fault)
    {
        lock (_lock)
        {
            _faults.Add($"{Name}: {fault}");
        }
    }

    /// <summary>On the camera's own task.</summary>
    public void OnFrame(in Frame frame)
    {
        var (epoch, at) = (frame.Time.Epoch, frame.Time.Presentation);
        if (Watermark.Read(frame.Pixels, frame.Size) is not var (camera, counter))
        {
            Fault(Place($"a frame of no camera, damaged: {frame.IsDamaged}", epoch, at));
            return;
        }

        if (camera != number)
        {
            Fault(Place($"a frame of camera {camera}", epoch, at));
            return;
        }

        Frames++;
        if (epoch != _epoch)
        {
            Connects(epoch, at, counter);
        }

        Volatile.Write(ref _lastSeen, Clock.GetTimestamp());
        var steps = (int)Math.Round((at - _first.At) / Watermark.Distance);
        if ((steps * Watermark.Distance - (at - _first.At)).Duration() > Rounding
            || ((_first.Counter + steps) % Watermark.Count + Watermark.Count) % Watermark.Count != counter)
        {
            Fault(Place(
                $"picture {counter} where {_first.Counter} + {(at - _first.At) / Watermark.Distance:0.000} was expected, "
                + $"heartbeat: {frame.IsHeartbeat}, ends sleep: {frame.EndsSleep}", epoch, at));
        }

        if (frame.IsHeartbeat)
        {
            Heartbeats++;
            FellAsleep(epoch, at);
        }
        else
        {
            Follow(frame.EndsSleep, epoch, at);
            _last = at;
        }
    }

    private void Connects(int epoch, TimeSpan at, int counter)
    {
        if (epoch < _epoch)
        {
            Fault(Place($"a frame of connection {epoch} after one of connection {_epoch}", epoch, at));
        }

        lock (_lock)
        {
            if (_epoch >= 0 && _readerAttacks.Count == 0)
            {
                _faults.Add($"{Name}: connection {epoch}, and nobody had touched the reader of connection {_epoch}");
            }

            if (_readerAttacks.Count > 0)
            {
                var away = Clock.GetElapsedTime(Math.Max(_readerAttacks[^1], _lastSeen));
                say(string.Create(CultureInfo.InvariantCulture, $"          {Name} is back after {away.TotalSeconds:0.0} s"));
                _away.Add(away);
            }

            // One that came meanwhile may have been for the new one.
            _readerAttacks.RemoveAll(attack => Clock.GetElapsedTime(attack) > TimeSpan.FromSeconds(5));
        }

        Connections++;
        (_epoch, _first, _last) = (epoch, (at, counter), null);
    }

    private void Follow(bool endsSleep, int epoch, TimeSpan at)
    {
        if (endsSleep)
        {
            Wakes++;
            FellAsleep(epoch, at);
            Woken(epoch, at);
            return;
        }

        if (_last is not { } last)
        {
            return;
        }

        var steps = (int)Math.Round((at - last) / Watermark.Distance);
        if (steps < 1)
        {
            Fault(Place($"a frame again, or back from {last.TotalSeconds:0.000}", epoch, at));
        }

        Missing += steps > 1 ? steps - 1 : 0;
        if (steps > 1)
        {
            Fault(Place($"{steps - 1} frames missing since {last.TotalSeconds:0.000}", epoch, at));
        }
    }

    // With a heartbeat, or with what comes after a sleep, everything before the sleep has come.
    private void FellAsleep(int epoch, TimeSpan at)
    {
        if (_last is not { } last)
        {
            return;
        }

        var sleeps = _gate!.Sleeps.Select(sleep => sleep.From).ToList();
        if (!sleeps.Exists(from => (from - last).Duration() < 1.5 * Watermark.Distance))
        {
            var lost = (int)Math.Round((sleeps.Where(from => from > last).DefaultIfEmpty(last).Min() - last) / Watermark.Distance) - 1;
            LostInSleep += lost;
            Fault(Place($"{lost} frames from before the sleep never came, after {last.TotalSeconds:0.000}", epoch, at));
            _last = null; // said once
        }
    }

    private void Woken(int epoch, TimeSpan at)
    {
        var sleeps = _gate!.Sleeps;
        var close = 2 * Watermark.Distance;
        var lately = string.Join(", ", sleeps.TakeLast(3));

        // The clean start before what was wanted, or the first there is.
        if (!sleeps.Any(sleep => sleep.To is { } woke && at <= Latest(woke - reach) && at >= woke - reach - Group - close))
        {
            Fault(Place($"it wakes with a frame of a place that nobody asked for; sleeps: {lately}", epoch, at));
        }

        TimeSpan Latest(TimeSpan wanted) => (wanted > _first.At + Group ? wanted : _first.At + Group) + close;
    }

    private static string Place(string what, int epoch, TimeSpan at) =>
        string.Create(CultureInfo.InvariantCulture, $"{what}, at {at.TotalSeconds:0.000} s of connection {epoch}");
}
